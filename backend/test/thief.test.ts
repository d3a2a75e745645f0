import { describeHeist } from './thief/heist.ts';

describeHeist('a thief of database, backups, master key, source, logs and ended JWTs opens no token', 5, 300_000);
