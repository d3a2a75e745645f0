import { recordId } from '../ids.ts';
import type { Row } from '../schema.ts';
import { ADMIN_ID, personId } from './people.ts';

/** Folders for e-mail templates; the last one is hidden: only who owns a template in it, and admins, see it. */
const FOLDERS = ['Sales', 'Renewals', 'Legal', 'Tomke private'] as const;
const HIDDEN = 'Tomke private';

export function folderRows(made: Record<string, string>): Row[] {
  return FOLDERS.map((name, index) => ({
    Id: recordId('00l', index + 1),
    Name: name,
    DeveloperName: name.replace(' ', '_'),
    Type: 'Email',
    AccessType: name === HIDDEN ? 'Hidden' : 'Public',
    ...made,
  }));
}

interface Template {
  readonly name: string;
  readonly folder: (typeof FOLDERS)[number];
  readonly type: 'text' | 'html' | 'visualforce';
  readonly isActive?: false;
  readonly subject: string;
  readonly html?: string;
  readonly body: string;
}

const TEMPLATES: readonly Template[] = [
  {
    name: 'First contact',
    folder: 'Sales',
    type: 'html',
    subject: 'Something for {!Account.Name}',
    html: '<p>Hello {!Contact.FirstName},</p><p>may I show you what others like {!Account.Name} do with us?</p><p>{!User.Name}</p>',
    body: 'Hello {!Contact.FirstName},\n\nmay I show you what others like {!Account.Name} do with us?\n\n{!User.Name}',
  },
  {
    name: 'Reference call',
    folder: 'Sales',
    type: 'text',
    subject: 'A customer who would talk to you',
    body: 'Dear {!Contact.Name},\n\na customer in {!Account.Industry} offered to tell you how it went.\n\n{!User.FirstName}',
  },
  {
    name: 'Renewal in 60 days',
    folder: 'Renewals',
    type: 'html',
    subject: 'Your contract, {!Contact.FirstName}',
    html: '<p>Dear {!Contact.Name},</p><p>your contract ends in 60 days.</p><p>{!User.Name}, {!User.Title}</p>',
    body: 'Dear {!Contact.Name},\n\nyour contract ends in 60 days.\n\n{!User.Name}, {!User.Title}',
  },
  {
    name: 'Mail footer',
    folder: 'Legal',
    type: 'html',
    subject: 'Footer',
    html: '<p>Demo Org, 1 Example Street. Reply STOP and we will not write again.</p>',
    body: 'Demo Org, 1 Example Street. Reply STOP and we will not write again.',
  },
  {
    name: 'Grüße zum Jahreswechsel',
    folder: 'Sales',
    type: 'text',
    subject: 'Danke, {!Contact.FirstName}!',
    body: 'Liebe Grüße an alle bei {!Account.Name}.\n\n{!User.Name}',
  },
  {
    name: 'Only for me',
    folder: HIDDEN,
    type: 'text',
    subject: 'Hello',
    body: 'Hello {!Contact.FirstName}.',
  },
  {
    name: 'Spring offer (over)',
    folder: 'Sales',
    type: 'html',
    isActive: false,
    subject: 'Spring is here',
    html: '<p>Spring is here, {!Contact.FirstName}.</p>',
    body: 'Spring is here, {!Contact.FirstName}.',
  },
  {
    name: 'Quarterly report',
    folder: 'Sales',
    type: 'visualforce',
    subject: 'Your quarter',
    body: '',
  },
];

/** The org's own e-mail templates, with merge fields. */
export function templateRows(made: Record<string, string>): Row[] {
  return TEMPLATES.map((template, index) => ({
    Id: recordId('00X', index + 1),
    Name: template.name,
    DeveloperName: `Template_${index + 1}`,
    FolderId: recordId('00l', FOLDERS.indexOf(template.folder) + 1),
    FolderName: template.folder,
    TemplateType: template.type,
    IsActive: template.isActive ?? true,
    Subject: template.subject,
    HtmlValue: template.html ?? null,
    Body: template.body,
    Encoding: 'UTF-8',
    RelatedEntityType: 'Contact',
    OwnerId: template.folder === HIDDEN ? personId(1) : ADMIN_ID,
    ...made,
  }));
}
