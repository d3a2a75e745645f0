import { api, LightningElement, wire } from 'lwc';
import { gql, graphql, type GraphqlResult } from 'lightning/graphql';
import clear from '@salesforce/label/c.Clear';
import noMatch from '@salesforce/label/c.Empty_No_Match';
import nonePay from '@salesforce/label/c.Empty_None_Pay';
import noneVisible from '@salesforce/label/c.Empty_None_Visible';

interface AccountsQuery {
  uiapi?: { query?: { accounts?: { edges?: unknown[] } } };
}

const anyAccount = gql`
  query oneshotAnyAccount {
    uiapi {
      query {
        accounts: Account(first: 1) {
          edges {
            node {
              Id
            }
          }
        }
      }
    }
  }
`;

/**
 * Why there is nothing to see: nothing matches, nobody pays, or sharing shows this rep no account at all. The last two
 * look alike to the backend, so Lightning's own data service is asked whether the rep sees any account.
 */
export default class OneshotEmptyState extends LightningElement {
  /** True where search or filters left nothing over. */
  @api isFiltered = false;

  label = { clear };
  private seesNoAccount = false;

  get query(): object | undefined {
    return this.isFiltered ? undefined : anyAccount;
  }

  @wire(graphql, { query: '$query' })
  readAccounts(result: GraphqlResult<unknown>): void {
    const edges = (result.data as AccountsQuery | undefined)?.uiapi?.query?.accounts?.edges;
    this.seesNoAccount = edges?.length === 0;
  }

  get text(): string {
    if (this.isFiltered) return noMatch;
    return this.seesNoAccount ? noneVisible : nonePay;
  }

  handleClear(): void {
    this.dispatchEvent(new CustomEvent('clear'));
  }
}
