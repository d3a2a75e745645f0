import type { CanaryRun, Evidence } from 'c/oneshotApi';
import { fill, formatAgo, formatCount, formatMoment, formatNames } from 'c/oneshotFormat';
import { label } from './labels';

export type State = 'holds' | 'broken' | 'unknown';

const LOOKS: Record<State, { icon: string; variant: string; stateText: string }> = {
  holds: { icon: 'utility:success', variant: 'success', stateText: label.holds },
  broken: { icon: 'utility:error', variant: 'error', stateText: label.stateBroken },
  unknown: { icon: 'utility:warning', variant: 'warning', stateText: label.stateUnknown },
};

function stateOf(holds: boolean | null): State {
  if (holds === null) return 'unknown';
  return holds ? 'holds' : 'broken';
}

const lookOf = (state: State): object => ({ ...LOOKS[state], state, badgeClass: `badge badge_${state}` });

/** The promises, those that need eyes not moved: the order is that of the contract. */
export function promiseRows({ promises }: Evidence): object[] {
  return promises.map(({ number, title, holds, figure, test }) => ({
    key: `p${number}`,
    title: `${number}. ${title}`,
    figure,
    test,
    ...lookOf(stateOf(holds)),
  }));
}

/**
 * What stands at the top: how many hold, and by name which do not or were not measured.
 * @param now Unix milliseconds on the backend's clock
 */
export function headlineOf(
  { promises, computedAt }: Evidence,
  now: number,
): { text: string; details: string[]; icon: string; variant: string } {
  const titles = (wanted: State): string[] =>
    promises.filter(({ holds }) => stateOf(holds) === wanted).map(({ title }) => title);
  const [holding, broken, unknown] = [titles('holds'), titles('broken'), titles('unknown')];
  const computedMs = Date.parse(computedAt);
  const ago = formatAgo(now - computedMs, 'short');
  const { icon, variant } = LOOKS[broken.length > 0 ? 'broken' : unknown.length > 0 ? 'unknown' : 'holds'];
  return {
    text: fill(label.headline, formatCount(holding.length), formatCount(promises.length), ago),
    details: [
      ...(broken.length > 0 ? [fill(label.broken, formatNames(broken))] : []),
      ...(unknown.length > 0 ? [fill(label.unmeasured, formatNames(unknown))] : []),
      fill(label.measuredAt, formatMoment(computedMs)),
    ],
    icon,
    variant,
  };
}

const moment = (iso: string): string => formatMoment(Date.parse(iso));

export function collectionRows({ collections }: Evidence): object[] {
  return collections.map(({ name, fields, count, oldestAt, keyVersions }) => ({
    name,
    count: formatCount(count),
    oldest: oldestAt === null ? label.nothing : moment(oldestAt),
    keys: keyVersions.length === 0 ? label.nothing : keyVersions.join(', '),
    fields: fields.length === 0 ? label.nothing : fields.join(', '),
  }));
}

export function cacheRows({ caches }: Evidence): object[] {
  return caches.map(({ rep, rows, fetchedAt, expiresAt }, index) => ({
    key: `${index}-${rep}`,
    rep,
    rows: formatCount(rows),
    fetched: moment(fetchedAt),
    expires: moment(expiresAt),
  }));
}

/** What the canary job says, a sentence each. */
export function canaryLines(run: CanaryRun): string[] {
  const { ranAt, planted, found, files, fileBytes, logBytes, heapBytes, databaseDocuments, searchWorks } = run;
  const searched = [files, fileBytes, logBytes, heapBytes, databaseDocuments].map(formatCount);
  return [
    fill(label.canaryAt, moment(ranAt)),
    fill(label.canaryFound, formatCount(found), formatCount(planted)),
    fill(label.canarySearched, ...searched),
    ...(searchWorks ? [] : [label.canaryBlind]),
  ];
}

export const canaryLook = (run: CanaryRun | null): object => lookOf(stateOf(run === null ? null : run.holds));
