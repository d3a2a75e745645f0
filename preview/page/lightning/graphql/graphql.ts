/**
 * Stand-in for `lightning/graphql`. The one thing that the package asks Lightning's own data service for is the org's
 * home region; the preview's org has none written yet, so the answer is readable and empty.
 */
interface Result {
  data?: unknown;
  errors?: { message: string }[];
}

/** Answers whole queries of `OneShotOrg__c`; anything else is an error in the result, as in Lightning. */
export class graphql {
  readonly #emit: (result: Result) => void;

  constructor(emit: (result: Result) => void) {
    this.#emit = emit;
    emit({});
  }
  connect(): void {
    // The query arrives with update.
  }
  disconnect(): void {
    // Holds nothing.
  }
  update({ query }: { query?: { text: string } }): void {
    if (query === undefined) return;
    const object = /\b(?:\w+__)?OneShotOrg__c\b/.exec(query.text)?.[0];
    const result: Result = object
      ? { data: { uiapi: { query: { [object]: { edges: [] } } } } }
      : { errors: [{ message: 'The preview has no data for this query.' }] };
    void Promise.resolve().then(() => this.#emit(result));
  }
}

export function gql(parts: TemplateStringsArray): { text: string } {
  return { text: parts.join('') };
}
