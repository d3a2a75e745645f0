import type { EvidenceTexts } from './evidence-texts.ts';
import { wordingFor } from './wording.ts';

const { many, number, moment } = wordingFor('de-DE');

export const german: EvidenceTexts = {
  titles: {
    1: 'Keine CRM-Daten auf Datenträgern',
    2: 'Listen nur im Arbeitsspeicher, höchstens 60 Minuten',
    3: 'Jeder Lesezugriff mit den Rechten des Vertriebsmitarbeiters',
    4: 'Tokens verlassen das Backend nie',
    5: 'Der Inhalt von E-Mails wird nie gespeichert',
    6: 'Sitzungen enden',
    7: 'Nur HTTPS',
    8: 'Daten bleiben in ihrer Region',
    9: 'Der Zugriff unserer Mitarbeiter ist begrenzt',
    10: 'Keine personenbezogenen Daten in Protokollen',
    11: 'Das Recht zu gehen',
  },
  tests: {
    1: 'nichts aus dem CRM, kein Token und kein Name steht in irgendeiner Datei, was unterwegs auch schiefging',
    2: 'von einer Liste bleibt nach ihrer Zeit, einer Abmeldung oder einer Löschung nichts im Arbeitsspeicher',
    3: 'ein anderer Vertriebsmitarbeiter sieht nur seine eigenen Zeilen und kein Feld, das ihm verborgen ist',
    4: 'wer Datenbank, Backups, Hauptschlüssel, Quelltext, Protokolle und beendete JWTs stiehlt, öffnet kein Token',
    5: 'was ein Client wo auch immer hineinschreibt, steht in keinem Protokoll, keiner Datenbank, keiner Metrik und keiner Antwort an andere',
    6: 'eine Abmeldung beendet die Sitzung hier sofort und überall binnen fünf Sekunden; sie zu wiederholen schadet nicht',
    7: 'in Produktion wird http ohne TLS verweigert, wie alles, was nur zur Entwicklung dient',
    8: 'ein von Hand geänderter Eintrag beendet die Sitzungen sofort und löscht die Org einen Tag später',
    9: 'niemand handelt allein, ungeschult, an einem anderen Ziel oder ohne Grund',
    10: 'was ein Client wo auch immer hineinschreibt, steht in keinem Protokoll, keiner Datenbank, keiner Metrik und keiner Antwort an andere',
    11: 'eine Org mit 1.000 Personen wird vollständig gelöscht, wo auch immer das Backend abgeschossen wird',
  },
  held: (documents, collections) =>
    `${many(documents, 'Dokument', 'Dokumente')} in ${many(collections, 'Sammlung', 'Sammlungen')}, unten mit jedem Feld aufgeführt`,
  canaryNever: 'der Kanarienlauf lief hier noch nicht',
  canaryFound: (ranAt, found, planted) =>
    `der Kanarienlauf vom ${moment(ranAt)} fand ${number(found)} von ${many(planted, 'ausgelegten Wert', 'ausgelegten Werten')}`,
  lists: (lists, oldestMinutes, late) =>
    lists === 0
      ? 'Keine Liste in diesem Prozess'
      : `${many(lists, 'Liste', 'Listen')} in diesem Prozess, die älteste ${number(oldestMinutes)} min alt, ${number(late)} über ihre Zeit`,
  ownToken: 'Salesforce sagt, dass diese Sitzung mit Ihrem eigenen Token liest',
  tokenNotAsked: 'Salesforce konnte nicht gefragt werden, wessen Token das ist',
  tokens: (sessions, connections, unsealed) =>
    `${many(sessions, 'Sitzung', 'Sitzungen')} und ${many(connections, 'Verbindung', 'Verbindungen')}, davon ${number(unsealed)} nicht versiegelt`,
  lastTokenUse: (at) =>
    at === undefined
      ? 'noch kein Token eines Anbieters wurde benutzt'
      : `zuletzt wurde ein Token eines Anbieters am ${moment(at)} benutzt`,
  sends: (sends, fields, content) =>
    sends === 0
      ? 'Noch ist kein Versand gespeichert'
      : `${many(sends, 'Versand', 'Sendungen')} mit je ${many(fields, 'Feld', 'Feldern')}, davon ${number(content)} mit Inhalt`,
  sessions: (sessions, longestMinutes, isFresh) =>
    `${many(sessions, 'laufende Sitzung', 'laufende Sitzungen')}, keine länger als ${number(longestMinutes)} min; beendete Sitzungen wurden vor ${isFresh ? 'weniger' : 'mehr'} als 5 s gelesen`,
  https: 'Dieses Backend antwortet über https',
  httpOnLoopback: 'Dieses Backend antwortet über http, nur auf Loopback: ein Entwicklungsrechner',
  nothingSealed: 'Es gibt nichts Versiegeltes zu probieren',
  boundToRegion: ({ tried, opened, unreadable }) =>
    opened > 0
      ? `${number(opened)} von ${many(tried, 'versiegelten Wert', 'versiegelten Werten')} von Ihnen ging in einer anderen Region auf`
      : unreadable > 0
        ? `${number(unreadable)} von ${many(tried, 'versiegelten Wert', 'versiegelten Werten')} von Ihnen ging in dieser Region nicht auf`
        : `${many(tried, 'versiegelter Wert von Ihnen geht', 'versiegelte Werte von Ihnen gehen')} in dieser Region auf und in keiner anderen`,
  regionCheckNever: 'die tägliche Prüfung war noch nicht bei Ihrer Org',
  regionCheck: ({ at, tried, opened, unreadable }) =>
    `die tägliche Prüfung vom ${moment(at)} probierte ${many(tried, 'versiegelten Wert', 'versiegelte Werte')} Ihrer Org in den anderen Regionen: ${number(opened)} gingen auf${
      unreadable === 0 ? '' : `, ${number(unreadable)} nicht einmal hier`
    }`,
  operators: (operators) =>
    operators === 0
      ? 'Kein Operator darf handeln'
      : `${many(operators, 'Operator darf', 'Operatoren dürfen')} handeln, je Handlung zwei`,
  operatorsUntrusted: 'Der Liste der Operatoren ist nicht zu trauen',
  operatorActs: (acts, isVerified) =>
    `${many(acts, 'Handlung von Operatoren', 'Handlungen von Operatoren')} an Ihrer Org, Prüfpfad ${isVerified ? 'geprüft' : 'GEBROCHEN'}`,
  keptHeads: (kept) => {
    if (kept === undefined) return 'Köpfe in Ihrem eigenen Salesforce konnten nicht gelesen werden';
    const { heads, newestAt, contradicting } = kept;
    if (newestAt === null) return 'noch liegt kein Kopf davon in Ihrem eigenen Salesforce';
    const held = `${many(heads, 'Kopf', 'Köpfe')} davon in Ihrem eigenen Salesforce, der neueste vom ${moment(newestAt)}`;
    return `${held}, ${contradicting === 0 ? 'keiner widerspricht' : `${number(contradicting)} WIDERSPRECHEN`}`;
  },
  logs: (fields, holdsBack) =>
    `${many(fields, 'Feld darf', 'Felder dürfen')} ins Protokoll; eine ausgelegte Adresse wurde eben ${holdsBack ? 'zurückgehalten' : 'PROTOKOLLIERT'}`,
  canaryLog: (bytes) => `der Kanarienlauf durchsuchte ${many(bytes, 'Byte', 'Bytes')} Protokoll`,
  leaving: (late, minutesBehind) =>
    `${many(late, 'verspätete Löschung', 'verspätete Löschungen')}; das Verzeichnis außerhalb der Datenbank ist ${number(minutesBehind)} min alt`,
  ledgerUnreadable: 'Das Verzeichnis außerhalb der Datenbank ist nicht zu lesen',
};
