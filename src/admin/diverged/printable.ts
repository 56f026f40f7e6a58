export const shownBytes = 60;

/** Bytes as redis-cli shows them, in quotes if they are no plain text, and not too long. `length`: if they are the beginning of more. */
export function printable(bytes: Buffer, length = bytes.length): string {
  const text = [...bytes.subarray(0, shownBytes)].map((byte) =>
    byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : escaped(byte),
  );
  const quoted = text.some((one) => one.length > 1 || one === " ") || length === 0;
  const more = length > shownBytes ? `... (${length} bytes)` : "";
  return `${quoted ? `"${text.join("")}"` : text.join("")}${more}`;
}

const escapes: Record<number, string> = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };
const escaped = (byte: number): string => escapes[byte] ?? `\\x${byte.toString(16).padStart(2, "0")}`;

/** Bytes in JSON: base64 if they are no UTF-8. */
export function bytesJson(bytes: Buffer): string | { base64: string } {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : { base64: bytes.toString("base64") };
}
