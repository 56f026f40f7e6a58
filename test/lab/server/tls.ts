import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../machine/process.ts";

/** PEM texts: an authority, and one certificate with its key, which servers and clients use. */
export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

const folder = "/etc/redis/tls";

/** `[redis.tls]` of the cluster file. */
export const tlsPaths = { ca: `${folder}/ca.pem`, cert: `${folder}/cert.pem`, key: `${folder}/key.pem` };

/** The files of a server, by path. */
export const tlsFiles = ({ ca, cert, key }: Certificates): Record<string, string> => ({
  [tlsPaths.ca]: ca,
  [tlsPaths.cert]: cert,
  [tlsPaths.key]: key,
});

/** Lines of redis.conf: TLS alone, with a certificate from both sides. */
export const tlsLines = (port: number): string[] => [
  "port 0",
  `tls-port ${port}`,
  `tls-ca-cert-file ${tlsPaths.ca}`,
  `tls-cert-file ${tlsPaths.cert}`,
  `tls-key-file ${tlsPaths.key}`,
  "tls-auth-clients yes",
  "tls-replication yes",
];

/** Makes certificates that are valid for these IP addresses. Needs openssl. */
export async function makeCertificates(addresses: readonly string[]): Promise<Certificates> {
  const made = mkdtempSync(join(tmpdir(), "keepalived-redis-tls-"));
  const at = (name: string) => join(made, name);
  const request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = `subjectAltName=${addresses.map((address) => `IP:${address}`).join(",")}`;
  try {
    await must([...request, "-subj", "/CN=authority", "-keyout", at("ca.key"), "-out", at("ca.pem")]);
    await must([
      ...[...request, "-subj", "/CN=redis", "-addext", names, "-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-keyout", at("key.pem"), "-out", at("cert.pem")],
    ]);
    const [ca = "", cert = "", key = ""] = ["ca.pem", "cert.pem", "key.pem"].map((name) =>
      readFileSync(at(name), "utf8"),
    );
    return { ca, cert, key };
  } finally {
    rmSync(made, { recursive: true });
  }
}
