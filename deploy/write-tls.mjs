// Writes certificate and key from the environment into a volume of the task, and ends: settings of AWS come as text, and
// HAProxy and Node read files. Usage: node write-tls.mjs <folder>; TLS_CERT_PEM, TLS_KEY_PEM.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const { TLS_CERT_PEM: cert, TLS_KEY_PEM: key } = process.env;
if (folder === undefined || !cert || !key) {
  process.stderr.write('write-tls: a folder, TLS_CERT_PEM and TLS_KEY_PEM are required\n');
  process.exit(1);
}
for (const [name, text] of [
  ['cert.pem', cert],
  ['key.pem', key],
  ['haproxy.pem', `${cert.trimEnd()}\n${key}`],
])
  writeFileSync(path.join(folder, name), text, { mode: 0o400 });
