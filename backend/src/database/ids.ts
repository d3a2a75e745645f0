import { randomBytes } from 'node:crypto';

/**
 * A fresh opaque id: `usr_`, `org_`, `ses_`, `req_`, `job_`, `rcp_` and 128 random bits as 22 base64url characters.
 * It says nothing about what it names, so it may be logged.
 */
export function newId(kind: 'usr' | 'org' | 'ses' | 'req' | 'job' | 'rcp'): string {
  return `${kind}_${randomBytes(16).toString('base64url')}`;
}
