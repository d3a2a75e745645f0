/** A finished SOQL statement. Only the builder of this file makes one, so no string from outside can become a query. */
export type Soql = string & { readonly __brand: 'Soql' };
