/**
 * How alike two accounts are, from 0 to 1: the sum of what they share, each weighted; docs/similar.md explains it. What
 * is unknown of either counts as not shared, so a high score is one that somebody can stand by.
 */
export const WEIGHTS = { industry: 0.35, products: 0.25, country: 0.2, size: 0.2 } as const;

/** Of one group: half of what is missing to 1 is added. */
const GROUP = 0.5;

export function withGroup(score: number): number {
  return score + (1 - score) * GROUP;
}

/** Shared products among all that either has (Jaccard). */
export function overlap(shared: number, one: number, other: number): number {
  const all = one + other - shared;
  return all === 0 ? 0 : shared / all;
}

/** 1 for the same size, 0 for ten times as large or as small, in between by order of magnitude. Sizes above 0. */
export function sizeLikeness(one: number, other: number): number {
  return Math.max(0, 1 - Math.abs(Math.log10(one / other)));
}

/** Sizes that somebody would call similar: within a factor of two. */
export const SIMILAR_SIZE = 1 - Math.log10(2);
