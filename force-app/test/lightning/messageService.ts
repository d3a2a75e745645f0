/** sfdx-lwc-jest's stub delivers nothing; here a message reaches every subscriber of its channel, as JSON. */
interface Channel {
  channelName?: string;
}
type Listener = (message: unknown) => void;

const subscriptions = new Set<{ listener: Listener }>();

export const APPLICATION_SCOPE = Symbol('APPLICATION_SCOPE');
export const createMessageContext = (): object => ({});

export function publish(_context: object, _channel: Channel, message: object): void {
  for (const { listener } of [...subscriptions]) listener(JSON.parse(JSON.stringify(message)));
}

export function subscribe(_context: object, _channel: Channel, listener: Listener): { listener: Listener } {
  const subscription = { listener };
  subscriptions.add(subscription);
  return subscription;
}

export function unsubscribe(subscription: { listener: Listener }): void {
  subscriptions.delete(subscription);
}
