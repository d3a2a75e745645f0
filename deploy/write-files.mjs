// Writes what a task needs as files from its environment into a volume of the task, and ends: settings of AWS come as text,
// and HAProxy and Node read files. Usage: node write-files.mjs <folder>
//   TLS_CERT_PEM, TLS_KEY_PEM              cert.pem, key.pem, and both in haproxy.pem
//   OPERATORS_LIST, OPERATORS_SIGNATURE    operators.json and operators.json.sig, of a backend
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const { TLS_CERT_PEM: cert, TLS_KEY_PEM: key, OPERATORS_LIST: list, OPERATORS_SIGNATURE: signature } = process.env;
if (folder === undefined || !cert || !key) {
  process.stderr.write('write-files: a folder, TLS_CERT_PEM and TLS_KEY_PEM are required\n');
  process.exit(1);
}
if (!list !== !signature) {
  process.stderr.write('write-files: OPERATORS_LIST and OPERATORS_SIGNATURE go together\n');
  process.exit(1);
}
const files = { 'cert.pem': cert, 'key.pem': key, 'haproxy.pem': `${cert.trimEnd()}\n${key}` };
if (list && signature) Object.assign(files, { 'operators.json': list, 'operators.json.sig': signature });
for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text, { mode: 0o400 });
