import type { ConnectionsView, ConnectionView } from 'c/oneshotConnections';
import { clickAgainOf, doingOf, problemOf, providerOf, revocationOf, statusOf, whyOf } from 'c/oneshotConnectionWords';
import { fill } from 'c/oneshotFormat';
import named from '@salesforce/label/c.Connection_News';

function newsOfRow(before: ConnectionView, { connection, ...row }: ConnectionView): string {
  const { provider, status } = connection;
  if (row.problem && row.problem !== before.problem) return problemOf(row.problem, provider);
  if (row.revocation && row.revocation !== before.revocation) return revocationOf(row.revocation, provider);
  // What was said of a disconnect or a refusal says more than the state that follows from it.
  if (status !== before.connection.status && !row.revocation && !row.problem) {
    return fill(named, providerOf(provider).name, `${statusOf[status].text}. ${whyOf(connection)}`.trim());
  }
  if (row.doing !== 'nothing' && row.doing !== before.doing) return doingOf(row.doing, provider);
  const isOver = row.isClickAgain && row.isReady && !(before.isClickAgain && before.isReady);
  return isOver ? clickAgainOf(true) : '';
}

/** What a screen reader is told when connections changed; empty where there is nothing to tell. */
export function newsOf(before: ConnectionsView, view: ConnectionsView): string {
  return view.rows
    .map((row) => {
      const was = before.rows.find(({ connection }) => connection.provider === row.connection.provider);
      return was === undefined ? '' : newsOfRow(was, row);
    })
    .filter((news) => news !== '')
    .join(' ');
}
