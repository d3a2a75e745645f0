// Writes what a task needs as files from its environment into a volume of the task, and ends: settings of AWS come as text,
// and HAProxy and Node read files. Usage: node write-files.mjs <folder>
//   TLS_CERT_PEM, TLS_KEY_PEM              cert.pem, key.pem, and both in haproxy.pem; of whoever listens
//   OPERATORS_LIST, OPERATORS_SIGNATURE    operators.json and operators.json.sig; of a backend, and of operators
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const { TLS_CERT_PEM: cert, TLS_KEY_PEM: key, OPERATORS_LIST: list, OPERATORS_SIGNATURE: signature } = process.env;
const files = {};
refuse(folder === undefined || (!cert && !key && !list), 'a folder, and a certificate or a list are required');
refuse(!cert !== !key, 'TLS_CERT_PEM and TLS_KEY_PEM go together');
refuse(!list !== !signature, 'OPERATORS_LIST and OPERATORS_SIGNATURE go together');
if (cert && key) Object.assign(files, { 'cert.pem': cert, 'key.pem': key, 'haproxy.pem': `${cert.trimEnd()}\n${key}` });
if (list && signature) Object.assign(files, { 'operators.json': list, 'operators.json.sig': signature });
for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text, { mode: 0o400 });

function refuse(isWrong, rule) {
  if (!isWrong) return;
  process.stderr.write(`write-files: ${rule}\n`);
  process.exit(1);
}
