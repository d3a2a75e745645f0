/** Stand-in for `lightning/messageService`: one page, so a message reaches every subscriber of its channel at once. */

interface Channel {
  channelName: string;
}
type Listener = (message: unknown) => void;
interface Subscription {
  channelName: string;
  listener: Listener;
}

const subscriptions = new Set<Subscription>();

/** Subscribers of the whole application rather than of the active area; the preview has one area. */
export const APPLICATION_SCOPE = Symbol('APPLICATION_SCOPE');

/** Wire adapter: the context that `publish` and `subscribe` take first. */
export class MessageContext {
  readonly #emit: (context: object) => void;

  constructor(emit: (context: object) => void) {
    this.#emit = emit;
  }
  connect(): void {
    this.#emit(createMessageContext());
  }
  disconnect(): void {
    // Holds nothing.
  }
  update(): void {
    // Takes no configuration.
  }
}

export function createMessageContext(): object {
  return Object.freeze({});
}

export function releaseMessageContext(): void {
  // Holds nothing.
}

/** Delivers a copy that can be written as JSON, as Lightning does. */
export function publish(context: object, channel: Channel, message?: object): void {
  requireContext(context);
  const copy: unknown = message === undefined ? undefined : JSON.parse(JSON.stringify(message));
  for (const { channelName, listener } of [...subscriptions]) {
    if (channelName === channel.channelName) listener(copy);
  }
}

export function subscribe(context: object, channel: Channel, listener: Listener): Subscription {
  requireContext(context);
  const subscription = { channelName: channel.channelName, listener };
  subscriptions.add(subscription);
  return subscription;
}

export function unsubscribe(subscription: Subscription | null): void {
  if (subscription !== null) subscriptions.delete(subscription);
}

function requireContext(context: object | undefined): void {
  if (context === undefined) throw new TypeError('The message context is missing: is the component connected?');
}
