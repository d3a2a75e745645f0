/** Reads CRM records for the stand-in of Lightning's own data service. Development only: the sandbox lets anybody look. */

type CrmRecord = Record<string, unknown>;

/** What the package's record pages are for. */
const OBJECTS = new Set(['Account', 'Contact', 'Opportunity']);
const ID = /^[A-Za-z0-9]{18}$/;
const PATH = /^[A-Za-z]\w{0,79}(\.[A-Za-z]\w{0,79})?$/;
const TIMEOUT_MS = 5_000;

async function recordsOf(sandboxUrl: string, object: string): Promise<CrmRecord[]> {
  const answer = await fetch(`${sandboxUrl}/__control/records?object=${object}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  });
  if (!answer.ok) throw new Error(`The sandbox answered ${String(answer.status)}`);
  return ((await answer.json()) as { rows: CrmRecord[] }).rows;
}

/**
 * The values of a record's fields, by path: `Name`, or `Account.Name` over a lookup to an account.
 * @returns undefined where there is no such record, or the object is not one of a record page
 * @throws Error the sandbox cannot be asked
 */
export async function readRecord(
  sandboxUrl: string,
  object: string,
  id: string,
  paths: readonly string[],
): Promise<CrmRecord | undefined> {
  if (!OBJECTS.has(object) || !ID.test(id) || !paths.every((path) => PATH.test(path))) return undefined;
  const record = (await recordsOf(sandboxUrl, object)).find((one) => one.Id === id);
  if (!record) return undefined;
  const needsAccount = paths.some((path) => path.startsWith('Account.'));
  const account = needsAccount
    ? (await recordsOf(sandboxUrl, 'Account')).find((one) => one.Id === record.AccountId)
    : undefined;
  return Object.fromEntries(
    paths.map((path) => {
      const [name = '', spanned] = path.split('.');
      return [path, (spanned === undefined ? record[name] : account?.[spanned]) ?? null];
    }),
  );
}
