/** The utility bar at the bottom: a button per utility and the panel of the one that is open. */
import { LightningElement } from 'lwc';
import { getAllUtilityInfo, clickUtility, minimize, onChange, registerUtility } from 'lightning/platformUtilityBarApi';
import { utilities } from 'preview/pages';

interface Shown {
  id: string;
  label: string;
  icon: string;
  panelLabel: string;
  expanded: string;
  isLoaded: boolean;
  panelClass: string;
  itemClass: string;
  panelStyle: string;
  constructor: typeof LightningElement;
  properties: Record<string, unknown>;
}

export default class UtilityBar extends LightningElement {
  shown: Shown[] = [];
  #stop: (() => void) | undefined;

  override connectedCallback(): void {
    for (const { name, label, icon, height, width, isEager } of utilities) {
      registerUtility({
        id: name,
        isLoaded: isEager,
        utilityLabel: label,
        utilityIcon: icon,
        utilityIconVariant: undefined,
        utilityHighlighted: false,
        utilityVisible: false,
        utilityPoppedOut: false,
        panelHeaderLabel: label,
        panelHeaderIcon: icon,
        panelHeaderIconVariant: undefined,
        panelHeight: height,
        panelWidth: width,
      });
    }
    this.#stop = onChange(() => void this.refresh());
    void this.refresh();
  }
  override disconnectedCallback(): void {
    this.#stop?.();
  }

  async refresh(): Promise<void> {
    const states = await getAllUtilityInfo();
    this.shown = utilities.flatMap(({ name, constructor, properties }) => {
      const state = states.find(({ id }) => id === name);
      if (!state) return [];
      return {
        id: name,
        label: state.utilityLabel,
        icon: iconName(state.utilityIcon),
        panelLabel: state.panelHeaderLabel,
        expanded: String(state.utilityVisible),
        itemClass: `slds-utility-bar__item${state.utilityHighlighted ? ' slds-has-notification' : ''}`,
        isLoaded: state.isLoaded,
        panelClass: `slds-utility-panel slds-grid slds-grid_vertical ${state.utilityVisible ? 'slds-is-open' : 'slds-hide'}`,
        // Lightning shows the panel above the bar; SLDS alone would put its last line behind it.
        panelStyle: `height: ${String(state.panelHeight)}px; width: ${String(state.panelWidth)}px; bottom: 2.5rem`,
        constructor,
        properties,
      };
    });
  }

  handleClick(event: Event): void {
    void clickUtility((event.currentTarget as HTMLElement).dataset.id ?? '');
  }
  handleMinimize(event: Event): void {
    const id = (event.currentTarget as HTMLElement).dataset.id ?? '';
    void minimize(id);
    this.template?.querySelector<HTMLElement>(`button[data-id="${id}"]`)?.focus();
  }
}

/** Utilities name their icon without a set: `people`; base components want `utility:people`. */
function iconName(icon: string): string {
  return icon.includes(':') ? icon : `utility:${icon}`;
}
