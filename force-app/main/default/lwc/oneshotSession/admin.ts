import * as api from 'c/oneshotApi';

/** Makes a call with the credentials of the session that lives now. @throws Problem `session_ended` where none does */
type AsAdmin = <T>(call: (credentials: api.Credentials) => Promise<T>) => Promise<T>;

/** The calls for admins, each as who is signed in: who calls them never holds the token. */
export function adminCallsAs(asAdmin: AsAdmin) {
  return {
    readChecklist: (repId: string | undefined, language: string, signal?: AbortSignal) =>
      asAdmin((credentials) => api.readChecklist(credentials, repId, language, signal)),
    listReps: (signal?: AbortSignal) => asAdmin((credentials) => api.listReps(credentials, signal)),
    readSettings: () => asAdmin((credentials) => api.readSettings(credentials)),
    saveSettings: (body: api.VersionedSettings) => asAdmin((credentials) => api.saveSettings(credentials, body)),
    readFields: (count?: string, signal?: AbortSignal) =>
      asAdmin((credentials) => api.readFields(credentials, count, signal)),
    listFooterTemplates: () => asAdmin((credentials) => api.listFooterTemplates(credentials)),
    listUsers: (cursor?: string) => asAdmin((credentials) => api.listUsers(credentials, cursor)),
    endSessions: (userId: string) => asAdmin((credentials) => api.endSessions(credentials, userId)),
    endAllSessions: () => asAdmin((credentials) => api.endAllSessions(credentials)),
    eraseUser: (userId: string) => asAdmin((credentials) => api.eraseUser(credentials, userId)),
    readKeySwitch: () => asAdmin((credentials) => api.readKeySwitch(credentials)),
    readUsage: () => asAdmin((credentials) => api.readUsage(credentials)),
    readEvidence: (language: string) => asAdmin((credentials) => api.readEvidence(credentials, language)),
    readSignedEvidence: (language: string) => asAdmin((credentials) => api.readSignedEvidence(credentials, language)),
    listKeptHeads: () => asAdmin((credentials) => api.listKeptHeads(credentials)),
    keepHead: (idempotencyKey: string) => asAdmin((credentials) => api.keepHead(credentials, idempotencyKey)),
  };
}
