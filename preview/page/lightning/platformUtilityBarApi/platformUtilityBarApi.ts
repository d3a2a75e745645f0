/** Stand-in for `lightning/platformUtilityBarApi`: every call answers a promise; the page's utility bar obeys. */

/** As documented for `getInfo`. */
export interface UtilityInfo {
  id: string;
  isLoaded: boolean;
  utilityLabel: string;
  utilityIcon: string;
  utilityIconVariant: string | undefined;
  utilityHighlighted: boolean;
  utilityVisible: boolean;
  utilityPoppedOut: boolean;
  panelHeaderLabel: string;
  panelHeaderIcon: string;
  panelHeaderIconVariant: string | undefined;
  panelHeight: number;
  panelWidth: number;
}

interface UtilityAttributes {
  label?: string;
  icon?: string;
  iconVariant?: string;
  highlighted?: boolean;
}
interface PanelAttributes {
  label?: string;
  icon?: string;
  iconVariant?: string;
  height?: number;
  width?: number;
}
type ClickHandler = (detail: { utilityId: string; panelVisible: boolean }) => void;

const utilities = new Map<string, UtilityInfo>();
const clickHandlers = new Map<string, Set<ClickHandler>>();
const changeListeners = new Set<() => void>();

/**
 * Wire adapter: the id of the utility that a component lies in, undefined outside. The utility bar provides it as
 * LWC context.
 */
export class EnclosingUtilityId {
  static contextSchema = { utilityId: 'optional' as const };
  readonly #emit: (id: string | undefined) => void;

  constructor(emit: (id: string | undefined) => void) {
    this.#emit = emit;
  }
  connect(): void {
    // The context arrives with update.
  }
  disconnect(): void {
    // Holds nothing.
  }
  update(_config: unknown, context?: { utilityId?: string }): void {
    this.#emit(context?.utilityId);
  }
}

export async function getInfo(utilityId: string): Promise<UtilityInfo> {
  return { ...known(utilityId) };
}

export async function getAllUtilityInfo(): Promise<UtilityInfo[]> {
  return [...utilities.values()].map((utility) => ({ ...utility }));
}

/** Opens a utility and minimises the one that was open. The option `autoFocus` changes nothing here. */
export async function open(utilityId: string): Promise<boolean> {
  known(utilityId);
  for (const utility of utilities.values()) utility.utilityVisible = utility.id === utilityId;
  known(utilityId).isLoaded = true;
  announce();
  return true;
}

export async function minimize(utilityId: string): Promise<boolean> {
  return change(utilityId, { utilityVisible: false });
}

export async function updateUtility(utilityId: string, attributes: UtilityAttributes): Promise<boolean> {
  const { label, icon, iconVariant, highlighted } = attributes;
  return change(utilityId, {
    ...(label !== undefined && { utilityLabel: label }),
    ...(icon !== undefined && { utilityIcon: icon }),
    ...(iconVariant !== undefined && { utilityIconVariant: iconVariant }),
    ...(highlighted !== undefined && { utilityHighlighted: highlighted }),
  });
}

export async function updatePanel(utilityId: string, attributes: PanelAttributes): Promise<boolean> {
  const { label, icon, iconVariant, height, width } = attributes;
  return change(utilityId, {
    ...(label !== undefined && { panelHeaderLabel: label }),
    ...(icon !== undefined && { panelHeaderIcon: icon }),
    ...(iconVariant !== undefined && { panelHeaderIconVariant: iconVariant }),
    ...(height !== undefined && { panelHeight: height }),
    ...(width !== undefined && { panelWidth: width }),
  });
}

/** Calls back when a person clicks the utility, with whether its panel is visible afterwards. */
export async function onUtilityClick(utilityId: string, handler: ClickHandler): Promise<boolean> {
  known(utilityId);
  clickHandlers.set(utilityId, (clickHandlers.get(utilityId) ?? new Set()).add(handler));
  return true;
}

/** For the page's utility bar only: the utilities of the app. */
export function registerUtility(utility: UtilityInfo): void {
  utilities.set(utility.id, utility);
}

/** For the page's utility bar only: a person clicked the button of a utility. */
export async function clickUtility(utilityId: string): Promise<void> {
  const panelVisible = !known(utilityId).utilityVisible;
  await (panelVisible ? open(utilityId) : minimize(utilityId));
  for (const handler of clickHandlers.get(utilityId) ?? []) handler({ utilityId, panelVisible });
}

/** For the page's utility bar only: something about a utility changed. Returns how to stop it. */
export function onChange(listener: () => void): () => void {
  changeListeners.add(listener);
  return () => changeListeners.delete(listener);
}

function change(utilityId: string, changes: Partial<UtilityInfo>): boolean {
  Object.assign(known(utilityId), changes);
  announce();
  return true;
}

function known(utilityId: string): UtilityInfo {
  const utility = utilities.get(utilityId);
  if (utility === undefined) throw new Error(`There is no utility ${utilityId}`);
  return utility;
}

function announce(): void {
  for (const listener of changeListeners) listener();
}
