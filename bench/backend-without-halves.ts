/** The backend as it is, but that nobody looks for the customers' halves after a sign-in. */
import { Halves } from '@oneshot/backend/dist/connections/halves.js';

Halves.prototype.warmUp = () => undefined;
await import('@oneshot/backend/dist/main.js');
