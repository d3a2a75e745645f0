import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { EnvelopeUnreadable, keyVersionOf, open, seal, type Place } from './envelope.ts';
import type { MasterKey, WrapContext } from './master-key.ts';

/** An org's data key as its org document holds it. */
export interface WrappedDataKey {
  /** `d1`, `d2`, ...; envelopes name it. */
  readonly version: string;
  /** `MasterKey.id` of the key that wrapped it. */
  readonly masterKey: string;
  readonly wrapped: string;
}

/** Where wrapped keys come from: the org's document, the newest key last. Empty when there is no such org. */
export type ReadWrappedKeys = (orgId: string) => Promise<readonly WrappedDataKey[]>;

/** A place inside an org of this region. */
export type OrgPlace = Omit<Place, 'region' | 'org'>;

export interface DataKeysOptions {
  readonly masterKey: MasterKey;
  readonly region: string;
  readonly read: ReadWrappedKeys;
  /** Unwrapped keys in memory at once; the least used leaves first. Default 1,000. */
  readonly maxKeys?: number;
  /** How long an unwrapped key may stay in memory, in milliseconds. Default 5 minutes, which is also the most. */
  readonly lifetimeMs?: number;
}

/** The org has no data key: it was erased, or never signed in here. */
export class DataKeyMissing extends Error {
  constructor() {
    super('This org has no such data key');
    this.name = 'DataKeyMissing';
  }
}

/** The longest that a process may still seal under a key that was the newest when it unwrapped it. */
export const MAX_LIFETIME_MS = 5 * 60_000;

/** An unwrapped key; `isErased` turns true the moment its bytes are overwritten. */
interface UnwrappedKey {
  readonly version: string;
  readonly bytes: Buffer;
  isErased: boolean;
}

/**
 * Seals and opens what belongs to an org, under that org's own data key. Unwrapped keys are in memory for five minutes
 * at most, bounded in number, and are overwritten when they leave.
 */
export class DataKeys {
  readonly #masterKey: MasterKey;
  readonly #region: string;
  readonly #read: ReadWrappedKeys;
  readonly #keys: LRUCache<string, UnwrappedKey>;
  readonly #unwrapping = new Map<string, Promise<UnwrappedKey>>();

  constructor(options: DataKeysOptions) {
    this.#masterKey = options.masterKey;
    this.#region = options.region;
    this.#read = options.read;
    this.#keys = new LRUCache({
      max: options.maxKeys ?? 1_000,
      ttl: Math.min(options.lifetimeMs ?? MAX_LIFETIME_MS, MAX_LIFETIME_MS),
      ttlAutopurge: true,
      dispose: (key) => {
        key.bytes.fill(0);
        key.isErased = true;
      },
    });
  }

  /** A fresh data key for a new org, wrapped; who stores it first wins, and nothing is sealed before it is stored. */
  async createWrapped(orgId: string, version = 'd1'): Promise<WrappedDataKey> {
    const key = randomBytes(32);
    const wrapped = await this.#masterKey.wrap(key, this.#context(orgId, version));
    key.fill(0);
    return { version, masterKey: this.#masterKey.id, wrapped };
  }

  /** @throws DataKeyMissing; MasterKeyMismatch */
  async seal(orgId: string, place: OrgPlace, plaintext: string | Uint8Array): Promise<string> {
    return this.#using(orgId, undefined, (key) => seal(key, this.#place(orgId, place), plaintext));
  }

  /** @throws DataKeyMissing; MasterKeyMismatch; EnvelopeUnreadable */
  async open(orgId: string, place: OrgPlace, sealed: string): Promise<Buffer> {
    return this.#using(orgId, keyVersionOf(sealed), (key) => open(key, this.#place(orgId, place), sealed));
  }

  /**
   * In which of these regions a value opens, taken for one of theirs: in its own and in no other (DESIGN 2.8).
   * @throws DataKeyMissing; MasterKeyMismatch
   */
  async regionsThatOpen(
    orgId: string,
    place: OrgPlace,
    sealed: string,
    regions: readonly string[],
  ): Promise<readonly string[]> {
    const here = this.#place(orgId, place);
    return this.#using(orgId, keyVersionOf(sealed), (key) =>
      regions.filter((region) => opens(key, { ...here, region }, sealed)),
    );
  }

  /** Unwraps one key and forgets it again: whether this master key is the one that wrapped it. @throws MasterKeyMismatch */
  async check(orgId: string, wrapped: WrappedDataKey): Promise<void> {
    (await this.#masterKey.unwrap(wrapped.wrapped, this.#context(orgId, wrapped.version))).fill(0);
  }

  /** Overwrites an org's keys in this process, for an erasure or a rotation. */
  forget(orgId: string): void {
    for (const name of [...this.#keys.keys()]) if (name.startsWith(`${orgId}/`)) this.#keys.delete(name);
  }

  /** Overwrites all keys. */
  close(): void {
    this.#keys.clear();
  }

  /** The work is synchronous: a key cannot be overwritten while it seals. */
  async #using<T>(orgId: string, version: string | undefined, work: (key: UnwrappedKey) => T): Promise<T> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const key = await this.#key(orgId, version);
      if (!key.isErased) return work(key);
    }
    throw new EnvelopeUnreadable();
  }

  async #key(orgId: string, version: string | undefined): Promise<UnwrappedKey> {
    const name = `${orgId}/${version ?? 'newest'}`;
    const kept = this.#keys.get(name);
    if (kept !== undefined) return kept;
    const running = this.#unwrapping.get(name) ?? this.#unwrap(orgId, version, name);
    this.#unwrapping.set(name, running);
    try {
      return await running;
    } finally {
      this.#unwrapping.delete(name);
    }
  }

  async #unwrap(orgId: string, version: string | undefined, name: string): Promise<UnwrappedKey> {
    const all = await this.#read(orgId);
    const found = version === undefined ? all.at(-1) : all.find((key) => key.version === version);
    if (found === undefined) throw new DataKeyMissing();
    const bytes = await this.#masterKey.unwrap(found.wrapped, this.#context(orgId, found.version));
    const key: UnwrappedKey = { version: found.version, bytes, isErased: false };
    this.#keys.set(name, key);
    return key;
  }

  #context(orgId: string, version: string): WrapContext {
    return dataKeyContext(this.#region, orgId, version);
  }

  #place(orgId: string, place: OrgPlace): Place {
    return { region: this.#region, org: orgId, ...place };
  }
}

/** What an org's wrapped data key is bound to. */
export function dataKeyContext(region: string, orgId: string, version: string): WrapContext {
  return { app: 'oneshot', purpose: 'data-key', region, org: orgId, version };
}

function opens(key: UnwrappedKey, place: Place, sealed: string): boolean {
  try {
    open(key, place, sealed).fill(0);
    return true;
  } catch {
    return false;
  }
}
