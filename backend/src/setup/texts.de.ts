import type { Texts } from './texts.ts';

export const german: Texts = {
  locale: 'de-DE',
  titles: {
    app_installed: 'OneShot ist in dieser Org installiert',
    app_approved: 'Die App ist für Vertriebsmitarbeiter freigegeben',
    trusted_url: 'Die vertrauenswürdige URL Ihrer Region ist aktiv',
    rep_permission_set: 'Vertriebsmitarbeiter haben den Berechtigungssatz OneShot Rep',
    admin_permission_set: 'Administratoren haben den Berechtigungssatz OneShot Admin',
    key_object: 'Schlüsseldatensätze können angelegt werden',
    home_region: 'Die Heimatregion steht in Ihrem Salesforce',
    paying_field: 'Das Feld, das sagt, wer zahlt, ist da',
    rep_paying_field: 'Ein Vertriebsmitarbeiter kann dieses Feld sehen',
    rep_products: 'Ein Vertriebsmitarbeiter kann die Produkte sehen',
    rep_consent_fields: 'Ein Vertriebsmitarbeiter kann sehen, wer widersprochen hat',
    settings_saved: 'Die Einstellungen sind gespeichert',
    components: 'Die Komponenten sind auf Ihren Seiten',
  },
  sentences: {
    unreadable: 'Salesforce lässt Sie das nicht lesen; OneShot kann es daher nicht sagen.',
    away: 'Salesforce hat diesmal nicht geantwortet; OneShot kann es daher nicht sagen.',
    no_rep: 'Es gibt noch niemanden zum Prüfen: Niemand hat den Berechtigungssatz OneShot Rep.',

    app_in: 'Salesforce hat Sie eben über die App hereingelassen.',
    app_out: 'Salesforce sagt, dass die App in dieser Org nicht installiert ist.',
    app_step_install:
      'Öffnen Sie Setup, Installierte Pakete, und installieren Sie OneShot; in einer Sandbox nach jeder Aktualisierung erneut.',

    approved: '{0} Personen, die keine Administratoren sind, haben sich darüber angemeldet.',
    approved_one: 'Eine Person, die kein Administrator ist, hat sich darüber angemeldet.',
    approved_nobody:
      'Bisher haben sich nur Administratoren angemeldet, und Salesforce zeigt nicht, für wen eine App freigegeben ist.',
    approve_open: 'Öffnen Sie Setup, Manager für externe Client-Anwendungen, OneShot, Richtlinien, Bearbeiten.',
    approve_policy:
      'Zulässige Benutzer: „Vom Administrator genehmigte Benutzer sind vorab autorisiert“. App-Richtlinien: die Berechtigungssätze OneShot Rep und OneShot Admin hinzufügen. Speichern.',
    approve_try:
      'Bitten Sie einen Vertriebsmitarbeiter, auf „Meine Kunden zeigen“ zu klicken, und prüfen Sie dann erneut.',

    url_active: '{0} ist für Lightning und connect-src aktiv.',
    url_missing: 'Keine vertrauenswürdige URL lautet {0}.',
    url_inactive: '{0} ist da, aber nicht aktiv.',
    url_connect: '{0} ist da, aber connect-src ist nicht angekreuzt.',
    url_context: '{0} ist da, aber nicht für Lightning Experience.',
    url_step:
      'Öffnen Sie Setup, Vertrauenswürdige URLs. Im Eintrag {0}: Aktiv angekreuzt, Kontext „Lightning Experience-Seiten“ (oder Alle), connect-src angekreuzt. Speichern.',

    set_assigned: '{0} aktive Personen haben ihn.',
    set_one: 'Eine aktive Person hat ihn.',
    set_by_group:
      'Niemand hat ihn direkt. Früher haben sich {0} angemeldet: Sie haben ihn vielleicht über eine Berechtigungssatzgruppe.',
    set_yours: 'Niemand hat ihn direkt, aber Sie haben ihn, über eine Berechtigungssatzgruppe.',
    set_nobody: 'Keine aktive Person hat ihn.',
    set_open: 'Öffnen Sie Setup, Berechtigungssätze, {0}, Zuweisungen verwalten, Zuweisung hinzufügen.',
    set_choose: 'Wählen Sie die Personen, dann Weiter, Zuweisen.',

    key_hidden:
      '{0} darf keinen Datensatz von {1} anlegen. Anmelden geht; Gmail, Outlook oder Outreach verbinden geht nicht.',
    key_rep: 'Das Objekt {0} ist da, und {1} darf einen eigenen Datensatz anlegen.',
    key_step:
      'Öffnen Sie Setup, Berechtigungssätze, OneShot Rep, Objekteinstellungen, OneShot Key: Lesen und Erstellen angekreuzt.',

    region_recorded: 'Ihr Datensatz sagt {0}, und dort sind Sie angemeldet.',
    region_missing: 'Es gibt noch keinen Datensatz. Er entsteht, wenn Sie die Einstellungen zum ersten Mal speichern.',
    region_two: 'Es gibt zwei Datensätze; niemand kann sich mehr anmelden.',
    region_other: 'Ihr Datensatz sagt {0}, angemeldet sind Sie aber in {1}.',
    region_invalid: 'Ihr Datensatz nennt keine Region von OneShot; niemand kann sich mehr anmelden.',
    region_save: 'Wählen Sie im Schritt Richtlinien die Region und speichern Sie die Einstellungen.',
    region_fix:
      'Öffnen Sie die Registerkarte OneShot Orgs und lassen Sie genau einen Datensatz mit Home Region {0} stehen.',
    region_go: 'Laden Sie die Seite neu und melden Sie sich an: OneShot geht dann nach {0}.',

    field_fine: '{0} ist da; {1} Accounts, die Sie sehen, liegen über 0.',
    field_gone: 'Es gibt auf Account kein Feld {0}, das Sie sehen.',
    field_unfit:
      '{0} ist da, kann aber nicht sagen, wer zahlt: Es muss eine Zahl, Währung oder ein Prozentwert sein, nach dem gefiltert werden kann.',
    field_choose:
      'Wählen Sie im Schritt Zahlfeld ein anderes Feld oder machen Sie dieses sichtbar: Setup, Objekt-Manager, Account, Felder und Beziehungen, {0}, Feldebenensicherheit festlegen.',
    field_formula:
      'Wenn Ihr Unternehmen keine solche Zahl hat, legen Sie ein Formelfeld an: Der Schritt Zahlfeld hat eine Formel zum Kopieren.',

    rep_sees: '{0} kann {1} sehen.',
    rep_open: 'Wer den Datensatz sieht, kann {1} sehen; auch {0}.',
    rep_sees_not: '{0} kann {1} nicht sehen.',
    rep_sees_not_lately: '{0} kann {1} nicht sehen und hat das beim Öffnen der Liste erfahren.',
    rep_step_field:
      'Öffnen Sie Setup, Objekt-Manager, {0}, Felder und Beziehungen, {1}, Feldebenensicherheit festlegen.',
    rep_step_tick:
      'Kreuzen Sie Sichtbar für das Profil von {0} an, oder geben Sie Lesen für das Feld in einem eigenen Berechtigungssatz, den Vertriebsmitarbeiter haben. Speichern.',
    rep_step_package:
      'Ein verwaltetes Paket kann keinen Zugriff auf Standardfelder geben: OneShot Rep tut das nicht von selbst.',

    products_none: 'Produkte werden nicht gezeigt, wie Sie gewählt haben.',
    products_object_not: '{0} darf {1} nicht lesen; die Liste hat dann keine Produkte.',
    products_object: '{0} darf {1} lesen.',
    products_step:
      'Öffnen Sie Setup, Berechtigungssätze, einen eigenen Satz der Vertriebsmitarbeiter, Objekteinstellungen, {0}: Lesen angekreuzt.',

    consent_sees: '{0} kann alle {1} Felder sehen, die sagen, wem nicht geschrieben werden darf.',
    consent_none: 'Diese Org hat keines der Felder, die sagen, wem nicht geschrieben werden darf.',
    consent_hidden:
      '{0} kann {1} nicht sehen. OneShot lässt dann niemandem schreiben: Was verborgen ist, kann ein Widerspruch sein.',

    saved: 'Gespeichert; Version {0}.',
    saved_not: 'Noch nicht gespeichert: Es gelten die Voreinstellungen.',
    saved_step: 'Gehen Sie die Schritte durch und klicken Sie auf Speichern.',

    components_unknown: 'OneShot liest Ihre Seiten nicht.',
    components_open: 'Öffnen Sie eine Datensatzseite von Account, dann das Zahnrad, Seite bearbeiten.',
    components_drag:
      'Ziehen Sie die OneShot-Komponenten aus Benutzerdefiniert - Verwaltet auf die Seite, Speichern, Aktivierung.',
    components_bar:
      'Für die Utility-Leiste Ihrer eigenen App: Setup, Anwendungsmanager, Ihre App, Utility-Elemente, Hinzufügen, OneShot.',
  },
};
