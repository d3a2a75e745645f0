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

/** Moving an org's data to another region erases it here first; this version cannot do that yet. */
export class HomeRegionFixed extends ProblemError {
  constructor() {
    super({
      status: 422,
      code: 'home_region_fixed',
      field: 'settings.homeRegion',
      rule: 'unchanged',
      message: 'The home region cannot be changed in this version of OneShot. Nothing was saved.',
    });
  }
}
