import { openKeyFile } from './key-file.ts';
import type { KmsOptions, KmsState, OpenKms, WrappedSample } from './kms.ts';
import { KEY_FILE_BEFORE, MasterKeyMismatch, type MasterKey, type MasterKeySettings } from './master-key.ts';

export interface MasterKeyOptions {
  readonly settings: MasterKeySettings;
  /** Where the key file lies or will lie. */
  readonly dataDir: string;
  readonly region: string;
  /** Whether nothing was wrapped yet, so that a key file may be made. */
  readonly isEmpty: boolean;
  /** Any key that the master key of this id wrapped, to try the key before the present one on. */
  readonly wrappedBy: (masterKey: string) => Promise<WrappedSample | undefined>;
  readonly onState?: (state: KmsState) => void;
}

export interface OpenMasterKey {
  /** Wraps with the newest key, and opens what it or the one before it wrapped. */
  readonly masterKey: MasterKey;
  /** The key before it, while its keys are moved. */
  readonly previous: MasterKey | undefined;
  close(): void;
}

/**
 * Opens the master key that the settings name.
 * @throws MasterKeyUnusable one line that names the setting or file; KeysUnavailable KMS is away
 */
export async function openMasterKey(options: MasterKeyOptions): Promise<OpenMasterKey> {
  const { settings, dataDir, isEmpty } = options;
  if (settings.kind === 'keyFile')
    return { masterKey: await openKeyFile(dataDir, isEmpty), previous: undefined, close: () => undefined };
  const { awsRegion, endpoint, keyId, previousKeyId } = settings;
  // The AWS SDK costs memory and time at start: only who uses it loads it.
  const { openKms, openKmsToOpen } = await import('./kms.ts');
  const opened: OpenKms[] = [];
  const openKey = async (open: (options: KmsOptions) => Promise<OpenKms>, setting: string, id: string) => {
    const { region, onState } = options;
    const kms = await open({
      keyId: id,
      awsRegion,
      endpoint,
      setting,
      region,
      ...(onState === undefined ? {} : { onState }),
    });
    opened.push(kms);
    return kms.masterKey;
  };
  const openBefore = (kms: KmsOptions): Promise<OpenKms> => openKmsToOpen(kms, options.wrappedBy);
  const close = (): void => {
    for (const kms of opened) kms.close();
  };
  try {
    const current = await openKey(openKms, 'KMS_KEY_ID', keyId);
    const previous =
      previousKeyId === undefined
        ? undefined
        : previousKeyId === KEY_FILE_BEFORE
          ? await openKeyFile(dataDir, false)
          : await openKey(openBefore, 'KMS_PREVIOUS_KEY_ID', previousKeyId);
    const masterKey = previous === undefined ? current : eitherOf(current, previous);
    return { masterKey, previous, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** While keys are moved: what one cannot open, the other may. A wrapped key of KMS names its key, so nobody is asked twice. */
function eitherOf(current: MasterKey, previous: MasterKey): MasterKey {
  return {
    id: current.id,
    wrap: (key, context) => current.wrap(key, context),
    unwrap: async (wrapped, context) => {
      try {
        return await current.unwrap(wrapped, context);
      } catch (error) {
        if (!(error instanceof MasterKeyMismatch)) throw error;
        return previous.unwrap(wrapped, context);
      }
    },
  };
}
