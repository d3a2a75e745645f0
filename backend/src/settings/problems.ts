import { ProblemError } from '../http/problem.ts';
import type { StoredSettings } from './store.ts';

/** Somebody else saved since these settings were read; `current` is what holds now. */
export class VersionConflict extends ProblemError {
  constructor({ version, settings }: StoredSettings) {
    super({
      status: 409,
      code: 'version_conflict',
      field: 'version',
      rule: 'current',
      current: { version, settings },
      message: 'Somebody else saved the settings meanwhile. Look at the current ones, then save again.',
    });
  }
}

/** The home region was changed: what was here is erased, the admin goes on where `url` leads. */
export class HomeRegionMoved extends ProblemError {
  constructor(label: string, url: string) {
    super({
      status: 421,
      code: 'wrong_region',
      url,
      message: `Your company's data now lives in ${label}. What was held here is erased. Sign in in ${label} to go on.`,
    });
  }
}
