import * as api from 'c/oneshotApi';
import { makePair } from './pairs';
import type { Trip } from './popup';
import { redeem } from './token';

/** Makes a call with the credentials of the session that lives now. @throws Problem `session_ended` where none does */
type AsRep = <T>(call: (credentials: api.Credentials) => Promise<T>) => Promise<T>;

/** A way to a provider's consent page, known before the click that goes it. For one popup. */
export interface ConnectionTrip extends Trip {
  ends: { type: 'connection'; provider: api.ProviderName };
  /** On the backend's clock, Unix milliseconds: after that the address leads nowhere. */
  expiresAtMs: number;
}

/** The calls of the API, each as the signed-in rep: who calls them never holds the token. */
export function callsAs(asRep: AsRep) {
  return {
    listAccounts: (query: api.AccountQuery, options?: { etag?: string | undefined; signal?: AbortSignal }) =>
      asRep((credentials) => api.listAccounts(credentials, query, options)),

    refreshAccounts: (signal?: AbortSignal) => asRep((credentials) => api.refreshAccounts(credentials, signal)),

    readAccount: (id: string, signal?: AbortSignal) => asRep((credentials) => api.readAccount(credentials, id, signal)),

    listConnections: (signal?: AbortSignal) => asRep((credentials) => api.listConnections(credentials, signal)),

    /** @throws Problem also `not_ready`: the browser has no WebCrypto */
    prepareConnection: (provider: api.ProviderName, signal?: AbortSignal): Promise<ConnectionTrip> =>
      asRep(async (credentials) => {
        const pair = await makePair().catch(() => {
          throw new api.Problem({ code: 'not_ready' });
        });
        const body = { challenge: pair.challenge, origin: window.location.origin };
        const { url, expiresAt } = await api.startConnection(credentials, provider, body, signal);
        const { backendUrl } = credentials;
        return { url, backendUrl, pair, ends: { type: 'connection', provider }, expiresAtMs: Date.parse(expiresAt) };
      }),

    /** Redeems the code that a trip brought back; another session of the same rep may do it. */
    finishConnection: ({ ends, pair }: ConnectionTrip, code: string): Promise<api.Connection> =>
      asRep(async (credentials) => {
        const body = { code, verifier: pair.verifier };
        return (await redeem((key) => api.finishConnection(credentials, ends.provider, body, key))).answer;
      }),

    disconnect: (provider: api.ProviderName) => asRep((credentials) => api.disconnect(credentials, provider)),

    listSequences: (query: api.SequenceQuery, signal?: AbortSignal) =>
      asRep((credentials) => api.listSequences(credentials, query, signal)),

    listMailboxes: (signal?: AbortSignal) => asRep((credentials) => api.listMailboxes(credentials, signal)),

    /** @param idempotencyKey made once for what the rep asked for, so that asking again cannot do it twice */
    enrol: (enrolment: api.Enrolment, idempotencyKey: string) =>
      asRep((credentials) => api.enrol(credentials, enrolment, idempotencyKey)),

    listActivity: (query: api.ActivityQuery, signal?: AbortSignal) =>
      asRep((credentials) => api.listActivity(credentials, query, signal)),

    listContacts: (accountId: string, cursor: string | null, signal?: AbortSignal) =>
      asRep((credentials) => api.listContacts(credentials, accountId, cursor, signal)),

    readContact: (id: string, signal?: AbortSignal) => asRep((credentials) => api.readContact(credentials, id, signal)),

    listSimilar: (accountId: string, limit: number, signal?: AbortSignal) =>
      asRep((credentials) => api.listSimilar(credentials, accountId, limit, signal)),

    listTemplates: (cursor: string | null, signal?: AbortSignal) =>
      asRep((credentials) => api.listTemplates(credentials, cursor, signal)),

    renderTemplate: (templateId: string, contactId: string, signal?: AbortSignal) =>
      asRep((credentials) => api.renderTemplate(credentials, templateId, contactId, signal)),

    /** @param idempotencyKey belongs to the send: whoever keeps the draft makes it, once */
    sendEmail: (email: api.Email, idempotencyKey: string, signal?: AbortSignal) =>
      asRep((credentials) => api.sendEmail(credentials, email, idempotencyKey, signal)),
  };
}
