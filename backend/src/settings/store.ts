import type { Model } from 'mongoose';
import type { OrgDocument } from '../database/org-model.ts';
import { defaultSettings } from './defaults.ts';
import type { OrgSettings } from './settings.ts';

/** Settings with the number of saves that made them; 0: the defaults, nobody saved any. */
export interface StoredSettings {
  readonly version: number;
  readonly settings: OrgSettings;
  readonly isSaved: boolean;
}

/** Called when an org's settings changed, in whichever process they were saved; must not throw. */
export type SettingsListener = (orgId: string, now: OrgSettings, before: OrgSettings) => void;

export interface SettingsStoreOptions {
  readonly orgs: Model<OrgDocument>;
  /** Region of this process: the home region of an org that has saved none. */
  readonly region: string;
  /** Between two looks for changes, in milliseconds. Default 1.5 s: with the read it is far below 5 s (DESIGN 2.2). */
  readonly pollMs?: number;
}

const POLL_MS = 1_500;
/** An org that nobody asked for is watched for so long: longer than any of its lists can be in memory. */
const WATCH_MS = 2 * 60 * 60_000;
const ORGS_PER_READ = 500;

interface Watched {
  stored: StoredSettings;
  askedAt: number;
}

/**
 * Settings of orgs, read from memory and kept current by a short poll: a save takes effect on every process within two
 * seconds. While the database is away the last known ones hold; sessions are refused after five seconds of that anyway.
 */
export class SettingsStore {
  readonly #orgs: Model<OrgDocument>;
  readonly #region: string;
  readonly #watched = new Map<string, Watched>();
  readonly #reading = new Map<string, Promise<StoredSettings>>();
  readonly #listeners: SettingsListener[] = [];
  readonly #timer: NodeJS.Timeout;
  #polling: Promise<void> | undefined;

  constructor({ orgs, region, pollMs = POLL_MS }: SettingsStoreOptions) {
    this.#orgs = orgs;
    this.#region = region;
    this.#timer = setInterval(() => {
      this.#polling ??= this.#poll()
        .catch(() => undefined) // the next poll reads what this one could not
        .finally(() => (this.#polling = undefined));
    }, pollMs).unref();
  }

  onChanged(listener: SettingsListener): void {
    this.#listeners.push(listener);
  }

  /** Settings of an org, if they are in memory; at most two seconds old. */
  known(orgId: string): StoredSettings | undefined {
    const watched = this.#watched.get(orgId);
    if (watched !== undefined) watched.askedAt = Date.now();
    return watched?.stored;
  }

  /** Settings of an org, at most two seconds old. @throws what the database throws, at the first question only */
  async of(orgId: string): Promise<StoredSettings> {
    const known = this.known(orgId);
    if (known !== undefined) return known;
    const running = this.#reading.get(orgId) ?? this.#read(orgId).finally(() => this.#reading.delete(orgId));
    this.#reading.set(orgId, running);
    return running;
  }

  /**
   * Saves settings as the next version, if `version` is still the current one; effective in this process at once.
   * @returns undefined when somebody else saved meanwhile, or the org is gone
   */
  async save(orgId: string, version: number, settings: OrgSettings): Promise<StoredSettings | undefined> {
    await this.of(orgId);
    const saved = await this.#orgs
      .findOneAndUpdate(
        { _id: orgId, settingsVersion: version },
        { $set: { settings: { ...settings }, settingsVersion: version + 1 }, $unset: { fieldHidden: 1 } },
        { returnDocument: 'after' },
      )
      .select({ settings: 1, settingsVersion: 1 })
      .lean();
    if (saved === null) return undefined;
    const stored = this.#stored(saved);
    this.#apply(orgId, stored);
    return stored;
  }

  /** The settings as the database has them now. */
  async read(orgId: string): Promise<StoredSettings> {
    const stored = await this.#fetch(orgId);
    this.#apply(orgId, stored);
    return stored;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  async #read(orgId: string): Promise<StoredSettings> {
    const stored = await this.#fetch(orgId);
    this.#apply(orgId, stored);
    return stored;
  }

  async #fetch(orgId: string): Promise<StoredSettings> {
    const org = await this.#orgs.findOne({ _id: orgId }).select({ settings: 1, settingsVersion: 1 }).lean();
    return this.#stored(org);
  }

  async #poll(): Promise<void> {
    const now = Date.now();
    for (const [orgId, { askedAt }] of this.#watched) if (askedAt + WATCH_MS < now) this.#watched.delete(orgId);
    const orgIds = [...this.#watched.keys()];
    for (let start = 0; start < orgIds.length; start += ORGS_PER_READ) {
      const orgs = await this.#orgs
        .find({ _id: { $in: orgIds.slice(start, start + ORGS_PER_READ) } })
        .select({ settings: 1, settingsVersion: 1 })
        .lean();
      for (const org of orgs) this.#apply(org._id, this.#stored(org));
    }
  }

  /** Takes newer settings in and tells the listeners; older ones, read before a save, are left. */
  #apply(orgId: string, stored: StoredSettings): void {
    const watched = this.#watched.get(orgId);
    if (watched === undefined) {
      this.#watched.set(orgId, { stored, askedAt: Date.now() });
      return;
    }
    if (stored.version <= watched.stored.version) return;
    const before = watched.stored.settings;
    watched.stored = stored;
    for (const listener of this.#listeners) listener(orgId, stored.settings, before);
  }

  #stored(org: Pick<OrgDocument, 'settings' | 'settingsVersion'> | null): StoredSettings {
    const defaults = defaultSettings(this.#region);
    if (org?.settings === undefined) return { version: org?.settingsVersion ?? 0, settings: defaults, isSaved: false };
    // A setting that came later than the save has its default.
    return { version: org.settingsVersion, settings: { ...defaults, ...org.settings }, isSaved: true };
  }
}
