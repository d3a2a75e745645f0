// Asks a backend whether its process answers, for the container's health check; an image from scratch has no curl. The
// certificate is not checked: this asks its own process over loopback.
import { get } from 'node:https';

get(process.argv[2] ?? '', { rejectUnauthorized: false, timeout: 3_000 }, (answer) => {
  process.exit(answer.statusCode === 200 ? 0 : 1);
})
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
