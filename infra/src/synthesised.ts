import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from './app.js';
import type { KeyUse } from './master-keys.js';
import type { RegionStack } from './region-stack.js';
import { readRegions } from './regions.js';

/** For tests: all stacks, synthesised once for the process. */
export const regions = readRegions();
/** The lines of infra/master-keys.json while a master key is moved (docs/runbook.md), each as a region of its own. */
export const MOVE: Record<string, readonly KeyUse[]> = {
  added: ['wraps', 'opens'],
  swapped: ['yields', 'wraps'],
  moving: ['opens', 'wraps'],
  ended: ['kept', 'wraps'],
  back: ['wraps', 'yields'],
  again: ['gone', 'opens', 'wraps'],
};
/** By region, and by line of the move. */
export const templates = new Map<string, Template>();
let folder: string;
/** CPU time that the regions took. */
export let seconds = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'oneshot-infra-'));
  const startedAt = process.cpuUsage(); // one thread: what an idle machine's clock would say, whatever else runs here
  const app = createApp(regions, folder);
  app.synth(); // throws on a finding of cdk-nag that nobody acknowledged
  const { user, system } = process.cpuUsage(startedAt);
  seconds = (user + system) / 1e6;
  const [first] = regions;
  assert.ok(first);
  const moves = Object.keys(MOVE).map((name) => ({ ...first, name }));
  const moved = createApp(moves, join(folder, 'moved'), new Map(Object.entries(MOVE)));
  moved.synth();
  for (const [of, list] of [
    [app, regions],
    [moved, moves],
  ] as const)
    for (const { name } of list)
      templates.set(name, Template.fromStack(of.node.findChild(`oneshot-${name}`) as RegionStack));
});
after(() => rmSync(folder, { recursive: true }));

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Principal?: { readonly AWS: unknown };
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

export function resources(type: string, region = 'us'): Resource[] {
  const found = templates.get(region)?.findResources(type) ?? {};
  return Object.values(found) as Resource[];
}
