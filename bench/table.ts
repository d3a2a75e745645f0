/** A figure of the table. */
export interface Line {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  /** What it should be at most; without one it is told for comparison. */
  readonly goal?: number;
  /** What it must be at most: beyond it something broke. */
  readonly bound?: number;
}

/** Prints the figures. @returns whether all are within their bounds */
export function printTable(lines: readonly Line[]): boolean {
  for (const { what, figure, unit, goal, bound } of lines) {
    const isBroken = bound !== undefined && !(figure <= bound);
    const mark = isBroken ? 'BROKEN' : goal === undefined ? '' : figure <= goal ? 'ok' : 'over';
    const told = goal === undefined ? '' : `goal ${goal.toFixed(2)}`;
    process.stdout.write(
      `${mark.padEnd(7)}${what.padEnd(58)}${figure.toFixed(2).padStart(9)} ${unit.padEnd(6)}${told}\n`,
    );
  }
  return lines.every(({ figure, bound }) => bound === undefined || figure <= bound);
}
