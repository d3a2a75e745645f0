import type { Texts } from './texts.ts';

export const english: Texts = {
  locale: 'en-US',
  titles: {
    app_installed: 'OneShot is installed in this org',
    app_approved: 'The app is approved for reps',
    trusted_url: 'The trusted URL of your region is active',
    rep_permission_set: 'Reps have the permission set OneShot Rep',
    admin_permission_set: 'Admins have the permission set OneShot Admin',
    key_object: 'Key records can be made',
    home_region: 'The home region is recorded in your Salesforce',
    paying_field: 'The field that says who pays is there',
    rep_paying_field: 'A rep can see that field',
    rep_products: 'A rep can see the products',
    rep_consent_fields: 'A rep can see who opted out',
    settings_saved: 'The settings are saved',
    components: 'The components are on your pages',
  },
  sentences: {
    unreadable: 'Salesforce did not let you read this, so OneShot cannot tell.',
    away: 'Salesforce did not answer this time, so OneShot cannot tell.',
    no_rep: 'There is no rep to look at yet: nobody has the permission set OneShot Rep.',

    app_in: 'Salesforce let you in through the app, a moment ago.',
    app_out: 'Salesforce says that the app is not installed in this org.',
    app_step_install: 'Open Setup, Installed Packages, and install OneShot; in a sandbox again after each refresh.',

    approved: '{0} people who are no admins have signed in through it.',
    approved_one: 'One person who is no admin has signed in through it.',
    approved_nobody: 'Nobody but admins has signed in yet, and Salesforce does not show whom an app is approved for.',
    approve_open: 'Open Setup, External Client App Manager, OneShot, Policies, Edit.',
    approve_policy:
      'Permitted users: "Admin approved users are pre-authorized". App policies: add the permission sets OneShot Rep and OneShot Admin. Save.',
    approve_try: 'Ask one rep to press "Show my customers", then press Check again.',

    url_active: '{0} is active for Lightning and connect-src.',
    url_missing: 'No trusted URL is {0}.',
    url_inactive: '{0} is there, but not active.',
    url_connect: '{0} is there, but connect-src is not ticked.',
    url_context: '{0} is there, but not for Lightning Experience.',
    url_step:
      'Open Setup, Trusted URLs. The entry {0}: Active ticked, context "Lightning Experience Pages" (or All), connect-src ticked. Save.',

    set_assigned: '{0} active people have it.',
    set_one: 'One active person has it.',
    set_by_group: 'Nobody has it directly. Earlier {0} signed in: they may have it through a permission set group.',
    set_yours: 'Nobody has it directly, but you have it, through a permission set group.',
    set_nobody: 'No active person has it.',
    set_open: 'Open Setup, Permission Sets, {0}, Manage Assignments, Add Assignment.',
    set_choose: 'Choose the people, press Next, Assign.',

    key_hidden: '{0} may not make a record of {1}. Signing in works; connecting Gmail, Outlook or Outreach does not.',
    key_rep: 'The object {0} is there, and {1} may make a record of their own.',
    key_step: 'Open Setup, Permission Sets, OneShot Rep, Object Settings, OneShot Key: Read and Create ticked.',

    region_recorded: 'Your record says {0}, which is where you are signed in.',
    region_missing: 'There is no record yet. It is written when you save the settings for the first time.',
    region_two: 'There are two records, so nobody can sign in any more.',
    region_other: 'Your record says {0}, but you are signed in at {1}.',
    region_invalid: 'Your record names no region of OneShot, so nobody can sign in any more.',
    region_save: 'Choose the region in the step Policies and save the settings.',
    region_fix: 'Open the tab OneShot Orgs and leave exactly one record, with Home Region {0}.',
    region_go: 'Reload the page and sign in again: OneShot then goes to {0}.',

    field_fine: '{0} is there; {1} accounts that you can see are above 0.',
    field_gone: 'There is no field {0} on Account that you can see.',
    field_unfit:
      '{0} is there, but cannot say who pays: it must be a number, currency or percent that can be filtered by.',
    field_choose:
      'Choose another field in the step Paying field, or make this one visible: Setup, Object Manager, Account, Fields & Relationships, {0}, Set Field-Level Security.',
    field_formula:
      'Where your company has no such number, make a formula field: the step Paying field has one to copy.',

    rep_sees: '{0} can see {1}.',
    rep_open: 'Everybody who sees the record can see {1}; {0} too.',
    rep_sees_not: '{0} cannot see {1}.',
    rep_sees_not_lately: '{0} cannot see {1}, and was told so when they opened their list.',
    rep_step_field: 'Open Setup, Object Manager, {0}, Fields & Relationships, {1}, Set Field-Level Security.',
    rep_step_tick:
      'Tick Visible for the profile of {0}, or give Read on the field in a permission set of yours that reps have. Save.',
    rep_step_package:
      'A managed package cannot give access to standard fields: OneShot Rep does not do this by itself.',

    products_none: 'Products are not shown, as you chose.',
    products_object_not: '{0} may not read {1}, so their list has no products.',
    products_object: '{0} may read {1}.',
    products_step: 'Open Setup, Permission Sets, a set of yours that reps have, Object Settings, {0}: Read ticked.',

    consent_sees: '{0} can see all {1} fields that say who must not be written to.',
    consent_none: 'This org has none of the fields that say who must not be written to.',
    consent_hidden: '{0} cannot see {1}. OneShot then lets them write to nobody: what is hidden may be an opt-out.',

    saved: 'Saved; version {0}.',
    saved_not: 'Not saved yet: the defaults hold.',
    saved_step: 'Go through the steps and press Save.',

    components_unknown: 'OneShot does not read your pages.',
    components_open: 'Open a record page of Account, press the gear, Edit Page.',
    components_drag: 'Drag the OneShot components from Custom - Managed to the page, Save, Activation.',
    components_bar: 'For the utility bar of your own app: Setup, App Manager, your app, Utility Items, Add, OneShot.',
  },
};
