import { Problem, type ProviderName } from 'c/oneshotApi';
import * as session from 'c/oneshotSession';

/** Not offered so close to its end: the provider's page would open after it. */
const MARGIN_MS = 15_000;
/** Renewed so long before its end, so that a click always finds one. */
const RENEW_MS = 60_000;

/** What the keeper tells: a trip is there, or why there is none. */
export type Told = (provider: ProviderName, isReady: boolean, problem: Problem | null) => void;

/**
 * Keeps a way to each provider's consent page ready, so that a click has its address at once. A way is asked for when
 * it is wanted, renewed before it ends, and used for one popup.
 */
export class Trips {
  private readonly tell: Told;
  private readonly ready = new Map<ProviderName, session.ConnectionTrip>();
  private readonly asked = new Map<ProviderName, AbortController>();
  private readonly timers = new Map<ProviderName, ReturnType<typeof setTimeout>>();

  constructor(tell: Told) {
    this.tell = tell;
  }

  /** Makes one ready where there is none that is good for a while; safe to call at any time. */
  want(provider: ProviderName): void {
    const trip = this.ready.get(provider);
    if (this.asked.has(provider) || (trip && trip.expiresAtMs - session.serverNow() > RENEW_MS)) return;
    void this.ask(provider);
  }

  /** The way, if one is ready: it is used up by that. */
  take(provider: ProviderName): session.ConnectionTrip | undefined {
    const trip = this.ready.get(provider);
    this.drop(provider);
    return trip && trip.expiresAtMs - session.serverNow() > MARGIN_MS ? trip : undefined;
  }

  /** A way that was taken and not gone, because the browser opened no window. */
  putBack(trip: session.ConnectionTrip): void {
    this.keep(trip);
  }

  drop(provider: ProviderName): void {
    this.asked.get(provider)?.abort();
    this.asked.delete(provider);
    clearTimeout(this.timers.get(provider));
    this.ready.delete(provider);
  }

  dropAll(): void {
    for (const provider of [...this.asked.keys(), ...this.ready.keys()]) this.drop(provider);
  }

  private async ask(provider: ProviderName): Promise<void> {
    const controller = new AbortController();
    this.asked.set(provider, controller);
    try {
      const trip = await session.prepareConnection(provider, controller.signal);
      if (controller.signal.aborted) return;
      this.asked.delete(provider);
      this.keep(trip);
      this.tell(provider, true, null);
    } catch (error) {
      if (controller.signal.aborted) return;
      this.asked.delete(provider);
      const problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      // An old way that is still good serves on; the next want() tries again.
      this.tell(provider, this.ready.has(provider), problem);
    }
  }

  private keep(trip: session.ConnectionTrip): void {
    const provider = trip.ends.provider;
    this.ready.set(provider, trip);
    clearTimeout(this.timers.get(provider));
    const renewIn = Math.max(trip.expiresAtMs - session.serverNow() - RENEW_MS, 10_000);
    this.timers.set(
      provider,
      setTimeout(() => this.want(provider), renewIn),
    );
  }
}
