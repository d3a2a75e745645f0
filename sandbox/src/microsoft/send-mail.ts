import { GraphError } from './graph-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Properties of a message that can be sent; Graph refuses names that it does not know. */
const messageFields: ReadonlySet<string> = new Set([
  'subject', 'body', 'toRecipients', 'ccRecipients', 'bccRecipients', 'replyTo', 'from', 'sender', 'importance',
  'internetMessageHeaders', 'attachments', 'categories', 'isDeliveryReceiptRequested', 'isReadReceiptRequested',
]); // prettier-ignore

const unreadable = (message: string): GraphError => new GraphError(400, 'RequestBodyRead', message);
const invalidRecipients = (): GraphError =>
  new GraphError(400, 'ErrorInvalidRecipients', "At least one recipient isn't valid.");

/**
 * Checks the body of sendMail.
 * @param own address of the account: mail from another one is refused
 * @throws GraphError
 */
export function checkSendMail(raw: string, own: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch {
    throw unreadable('Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.'); // prettier-ignore
  }
  const { message, saveToSentItems = true, ...others } = fields(parsed, 'request');
  refuseUnknown(others, new Set());
  if (typeof saveToSentItems !== 'boolean') throw unreadable("Cannot convert 'saveToSentItems' to Edm.Boolean.");
  if (message === undefined) throw new GraphError(400, 'ErrorInvalidParameter', "The parameter 'message' is required.");
  const mail = fields(message, 'message');
  refuseUnknown(mail, messageFields);
  if (mail.subject !== undefined && typeof mail.subject !== 'string') throw unreadable("Cannot convert 'subject' to Edm.String."); // prettier-ignore
  const { contentType = 'Text', content } = fields(mail.body ?? {}, 'body');
  if (!/^(?:text|html)$/i.test(String(contentType))) throw unreadable("Cannot convert 'contentType' to bodyType.");
  if (content !== undefined && content !== null && typeof content !== 'string') throw unreadable("Cannot convert 'content' to Edm.String."); // prettier-ignore
  const lists = ['toRecipients', 'ccRecipients', 'bccRecipients'].map((name) => recipients(mail[name], name));
  for (const name of ['replyTo']) recipients(mail[name], name);
  if (lists.every((list) => list.length === 0)) throw invalidRecipients();
  for (const name of ['from', 'sender']) {
    if (mail[name] === undefined) continue;
    if (addressOf(mail[name]).toLowerCase() === own.toLowerCase()) continue;
    throw new GraphError(403, 'ErrorSendAsDenied', 'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.'); // prettier-ignore
  }
}

function recipients(value: unknown, name: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw unreadable(`Cannot convert '${name}' to a collection of recipients.`);
  return value.map(addressOf);
}

function addressOf(recipient: unknown): string {
  const { emailAddress } = fields(recipient, 'recipient');
  const { address } = fields(emailAddress, 'emailAddress');
  if (typeof address !== 'string' || !/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(address)) throw invalidRecipients();
  return address;
}

function fields(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw unreadable(`'${name}' must be an object.`);
}

function refuseUnknown(value: Fields, known: ReadonlySet<string>): void {
  const unknown = Object.keys(value).find((name) => !known.has(name) && !name.startsWith('@odata.'));
  if (unknown === undefined) return;
  throw unreadable(`The property '${unknown}' does not exist on type 'microsoft.graph.message'.`);
}
