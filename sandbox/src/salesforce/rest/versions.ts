/** API versions that the sandbox answers; FACTS B: 66.0 is Spring '26, 68.0 Winter '27. */
export const OLDEST = 50;
export const LATEST = 68;

const SEASONS = ["Winter '", "Spring '", "Summer '"] as const;

/** The list of versions, open to everybody. Three releases a year: 50.0 was Winter '21. */
export function versions(): { label: string; url: string; version: string }[] {
  return Array.from({ length: LATEST - OLDEST + 1 }, (_unused, index) => {
    const version = `${OLDEST + index}.0`;
    const label = `${SEASONS[index % 3] ?? ''}${21 + Math.floor(index / 3)}`;
    return { label, url: `/services/data/v${version}`, version };
  });
}
