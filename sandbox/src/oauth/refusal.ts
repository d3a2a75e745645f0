/**
 * Why the engine refuses. Only a provider's policy turns a reason into words (`Policy.wordToken`,
 * `Policy.wordAuthorize`): the same cause reads differently at each provider.
 */
export type Reason =
  // the request itself
  | 'content_type'
  | 'body_malformed'
  | 'body_too_large'
  | 'parameter_repeated'
  | 'parameter_missing'
  // the client
  | 'client'
  | 'client_auth_twice'
  | 'secret'
  | 'secret_missing'
  | 'redirect_uri_missing'
  | 'redirect_uri'
  // authorize
  | 'response_type'
  | 'scope'
  | 'scope_not_on_app'
  | 'prompt'
  | 'challenge_missing'
  | 'challenge'
  | 'challenge_method'
  | 'denied'
  // the person and their organisation, decided by the provider's policy
  | 'user_inactive'
  | 'admin_consent_missing'
  | 'app_not_installed'
  | 'app_blocked'
  | 'not_admin_approved'
  | 'login_restricted'
  | 'organisation_locked'
  | 'too_many_logins'
  | 'consumer_not_approved'
  | 'app_not_in_org'
  // token
  | 'grant_type'
  | 'code'
  | 'code_replayed'
  | 'code_expired'
  | 'verifier_missing'
  | 'verifier_unexpected'
  | 'verifier'
  | 'refresh_token'
  | 'refresh_token_revoked'
  | 'refresh_token_superseded'
  | 'refresh_token_expired'
  // revoke
  | 'token';

/** Where the browser may be sent with an error: known only once client and redirect URI have been checked. */
export interface RedirectTarget {
  readonly redirectUri: string;
  readonly state: string | undefined;
}

/** The engine says no. The message is for the sandbox's developer; what the caller reads comes from the policy. */
export class Refusal extends Error {
  readonly reason: Reason;
  /** Name of the parameter that is wrong, where one is. */
  readonly parameter: string | undefined;
  /** Set while authorizing, once the redirect URI is known to be the client's. */
  target: RedirectTarget | undefined;

  constructor(reason: Reason, parameter?: string) {
    super(parameter === undefined ? reason : `${reason}: ${parameter}`);
    this.name = 'Refusal';
    this.reason = reason;
    this.parameter = parameter;
  }
}
