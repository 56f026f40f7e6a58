import { inflateSync } from "node:zlib";

/** A picture of a browser: 8 bits for each of red, green and blue, and of opacity if there is one; not interlaced. */
export interface Picture {
  width: number;
  height: number;
  /** The colour of a pixel, as `#rrggbb`. */
  at(x: number, y: number): string;
}

const signature = 8;

export function readPng(file: Buffer): Picture {
  const parts: Buffer[] = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = signature; at < file.length; ) {
    const size = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + size);
    if (type === "IHDR") {
      [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      channels = { 2: 3, 6: 4 }[Number(data[9])] ?? 0;
      if (data[8] !== 8 || channels === 0 || data[12] !== 0)
        throw new Error(`a PNG of another kind: ${data.toString("hex")}`);
    } else if (type === "IDAT") parts.push(data);
    // Length, type and checksum.
    at += size + 12;
  }
  const pixels = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, channels);
  const at = (x: number, y: number) => {
    const first = (y * width + x) * channels;
    return `#${pixels.toString("hex", first, first + 3)}`;
  };
  return { width, height, at };
}

/** Each line begins with how its bytes were reckoned from those on the left and above. */
function unfiltered(lines: Buffer, lineBytes: number, channels: number): Buffer {
  const count = lines.length / (lineBytes + 1);
  const pixels = Buffer.alloc(count * lineBytes);
  for (let y = 0; y < count; y++) {
    const filter = lines[y * (lineBytes + 1)];
    for (let x = 0; x < lineBytes; x++) {
      const here = y * lineBytes + x;
      const left = x < channels ? 0 : (pixels[here - channels] ?? 0);
      const above = y === 0 ? 0 : (pixels[here - lineBytes] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (pixels[here - lineBytes - channels] ?? 0);
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0;
      pixels[here] = (lines[y * (lineBytes + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return pixels;
}

function paeth(left: number, above: number, corner: number): number {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
