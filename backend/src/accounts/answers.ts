import { Type } from 'typebox';
import { Nullable, Words } from '../http/schema.ts';

/** Shapes of the answers, for the OpenAPI document. The routes send JSON that is made already. */
const Text = Nullable(Type.String());
const Amount = Nullable(Type.Number());

const rowProperties = {
  id: Type.String(),
  name: Text,
  arr: Amount,
  currency: Text,
  arrConverted: Amount,
  convertedCurrency: Text,
  industry: Text,
  country: Text,
  city: Text,
  website: Text,
  owner: Type.Object({ id: Text, name: Text }),
  products: Type.Array(Type.String()),
  modifiedAt: Text,
};

const Counts = Type.Array(Type.Object({ value: Type.String(), label: Nullable(Type.String()), count: Type.Integer() }));

export const FreshnessAnswer = Type.Object({
  source: Type.Union([Type.Literal('live'), Type.Literal('memory')]),
  complete: Type.Boolean(),
  fetched: Type.Integer(),
  total: Type.Integer(),
  fetchedAt: Type.String(),
  expiresAt: Type.String(),
  hiddenFields: Type.Array(Type.String()),
});

export const AccountsAnswer = Type.Unsafe<Buffer>(
  Type.Object({
    total: Type.Integer(),
    matched: Type.Integer(),
    rows: Type.Array(Type.Object(rowProperties)),
    facets: Type.Object({ industry: Counts, country: Counts, owner: Counts, product: Counts }),
    freshness: FreshnessAnswer,
  }),
);

/** Nothing changed. */
export const NotModified = Type.Unsafe<undefined>({ type: 'null' });

export const RefreshAnswer = Type.Unsafe<string>(Type.Object({ freshness: FreshnessAnswer }));

export const AccountAnswer = Type.Unsafe<string>(
  Type.Object({
    account: Type.Object({
      ...rowProperties,
      isPaying: Type.Boolean(),
      lastActivityDate: Text,
      openOpportunities: Type.Array(
        Type.Object({ id: Type.String(), name: Text, stage: Text, amount: Amount, currency: Text, closeDate: Text }),
      ),
    }),
  }),
);

export const SimilarAnswer = Type.Unsafe<string>(
  Type.Object({
    rows: Type.Array(
      Type.Object({
        account: Type.Object(rowProperties),
        score: Type.Number({ minimum: 0, maximum: 1 }),
        reasons: Type.Array(
          Type.Object({ code: Words(['parent', 'industry', 'country', 'products', 'size']), text: Type.String() }),
        ),
      }),
    ),
    freshness: FreshnessAnswer,
  }),
);
