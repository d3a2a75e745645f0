import { field, lookup, ownerField, sObject, currencyField, type ObjectSchema } from '../schema.ts';
import { CURRENCIES } from './picklists.ts';

const NAME = { nameField: true, nillable: false } as const;
const READ_ONLY = { readOnly: true } as const;

/** The org itself, its users and what they were given. */
export function setupObjects(): ObjectSchema[] {
  const user = [
    field('Username', 'string', { length: 80, nillable: false, unique: true }),
    field('FirstName', 'string', { length: 40 }),
    field('LastName', 'string', { length: 80, nillable: false }),
    field('Name', 'string', { ...NAME, length: 121, label: 'Full Name' }),
    field('Email', 'email', { length: 128, nillable: false }),
    field('Title', 'string', { length: 80 }),
    field('CompanyName', 'string', { length: 80 }),
    field('Phone', 'phone'),
    field('IsActive', 'boolean', { label: 'Active' }),
    field('UserType', 'picklist', { picklistValues: ['Standard'] }),
    field('TimeZoneSidKey', 'picklist', { label: 'Time Zone', nillable: false }),
    field('LocaleSidKey', 'picklist', { label: 'Locale', nillable: false }),
    field('LanguageLocaleKey', 'picklist', { label: 'Language', nillable: false }),
    field('DefaultCurrencyIsoCode', 'picklist', {
      length: 3,
      picklistValues: CURRENCIES,
      feature: 'multiCurrency',
    }),
  ];
  const organization = [
    field('Name', 'string', { ...NAME, length: 80 }),
    field('InstanceName', 'string', { length: 5 }),
    field('IsSandbox', 'boolean'),
    field('OrganizationType', 'picklist', { picklistValues: ['Enterprise Edition'] }),
    field('LanguageLocaleKey', 'picklist'),
    field('TimeZoneSidKey', 'picklist'),
  ];
  const permissionSet = [
    field('Name', 'string', { ...NAME, length: 80 }),
    field('Label', 'string', { length: 80 }),
    field('NamespacePrefix', 'string', { length: 15 }),
    field('IsOwnedByProfile', 'boolean'),
  ];
  const assignment = [
    lookup('AssigneeId', 'User', { nillable: false }),
    lookup('PermissionSetId', 'PermissionSet', { nillable: false }),
  ];
  const trustedSite = [
    field('DeveloperName', 'string', { ...NAME, length: 80 }),
    field('NamespacePrefix', 'string', { length: 15 }),
    field('EndpointUrl', 'string', { nillable: false }),
    field('IsActive', 'boolean'),
    field('Context', 'picklist', {
      picklistValues: ['All', 'LEX', 'Communities', 'FieldServiceMobileExtension', 'VisualForce'],
    }),
    field('IsApplicableToConnectSrc', 'boolean'),
  ];
  return [
    sObject('User', '005', user, { ...READ_ONLY }),
    sObject('Organization', '00D', organization, READ_ONLY),
    sObject('PermissionSet', '0PS', permissionSet, {
      ...READ_ONLY,
      children: [
        { childSObject: 'PermissionSetAssignment', field: 'PermissionSetId', relationshipName: 'Assignments' },
      ],
    }),
    sObject('PermissionSetAssignment', '0Pa', assignment, READ_ONLY),
    ...grantedObjects(),
    ...permissionObjects(),
    sObject('CspTrustedSite', '08y', trustedSite, { ...READ_ONLY, label: 'CSP Trusted Site', tooling: true }),
    ...currencyObjects(),
  ];
}

/** Custom permissions, and which permission set gives which. */
function grantedObjects(): ObjectSchema[] {
  const permission = [
    field('DeveloperName', 'string', { ...NAME, length: 80 }),
    field('MasterLabel', 'string', { length: 80 }),
    field('NamespacePrefix', 'string', { length: 15 }),
  ];
  const access = [
    lookup('ParentId', 'PermissionSet', { nillable: false }),
    lookup('SetupEntityId', 'CustomPermission', { nillable: false }),
    field('SetupEntityType', 'picklist', { picklistValues: ['CustomPermission'] }),
  ];
  return [
    sObject('CustomPermission', '0CP', permission, READ_ONLY),
    sObject('SetupEntityAccess', '0J0', access, { ...READ_ONLY, labelPlural: 'Setup Entity Access' }),
  ];
}

/** What permission sets and profiles grant; Salesforce keeps a permission set behind each profile. */
function permissionObjects(): ObjectSchema[] {
  const parent = lookup('ParentId', 'PermissionSet', { nillable: false });
  const fieldPermissions = [
    parent,
    field('SobjectType', 'picklist', { nillable: false }),
    field('Field', 'picklist', { nillable: false }),
    field('PermissionsRead', 'boolean'),
    field('PermissionsEdit', 'boolean'),
  ];
  const objectPermissions = [
    parent,
    field('SobjectType', 'picklist', { nillable: false }),
    ...['Read', 'Create', 'Edit', 'Delete'].map((name) => field(`Permissions${name}`, 'boolean')),
  ];
  return [
    sObject('FieldPermissions', '01k', fieldPermissions, READ_ONLY),
    sObject('ObjectPermissions', '110', objectPermissions, READ_ONLY),
  ];
}

function currencyObjects(): ObjectSchema[] {
  const type = [
    field('IsoCode', 'picklist', { length: 3, picklistValues: CURRENCIES, nillable: false }),
    field('ConversionRate', 'double', { scale: 6, nillable: false }),
    field('DecimalPlaces', 'int', { nillable: false }),
    field('IsActive', 'boolean'),
    field('IsCorporate', 'boolean'),
  ];
  const dated = [
    field('IsoCode', 'picklist', { length: 3, picklistValues: CURRENCIES, nillable: false }),
    field('StartDate', 'date', { nillable: false }),
    field('NextStartDate', 'date'),
    field('ConversionRate', 'double', { scale: 6, nillable: false }),
  ];
  const options = { readOnly: true, feature: 'multiCurrency' } as const;
  return [sObject('CurrencyType', '01L', type, options), sObject('DatedConversionRate', '04w', dated, options)];
}

/** Tasks, and the org's e-mail templates with their folders. */
export function workObjects(): ObjectSchema[] {
  const task = [
    field('Subject', 'string', NAME),
    field('Status', 'picklist', { picklistValues: ['Not Started', 'In Progress', 'Completed'], nillable: false }),
    field('Priority', 'picklist', { picklistValues: ['High', 'Normal', 'Low'], nillable: false }),
    field('TaskSubtype', 'picklist', {
      picklistValues: ['Task', 'Email', 'Call', 'ListEmail', 'LinkedIn'],
      restrictedPicklist: true,
      updateable: false,
    }),
    field('ActivityDate', 'date', { label: 'Due Date' }),
    lookup('WhoId', ['Contact', 'Lead']),
    lookup('WhatId', ['Account', 'Opportunity', 'Asset']),
    field('Description', 'textarea', { label: 'Comments' }),
    field('IsClosed', 'boolean', { formula: (row) => row.Status === 'Completed', groupable: true }),
    ownerField(),
    currencyField(CURRENCIES),
  ];
  const template = [
    field('Name', 'string', { ...NAME, label: 'Email Template Name', length: 80 }),
    field('DeveloperName', 'string', { length: 80, nillable: false }),
    lookup('FolderId', ['Folder'], { nillable: false }),
    field('FolderName', 'string', { createable: false, updateable: false }),
    field('TemplateType', 'picklist', { picklistValues: ['text', 'html', 'custom', 'visualforce'], nillable: false }),
    field('IsActive', 'boolean', { label: 'Available For Use' }),
    field('Subject', 'string', { length: 230 }),
    field('HtmlValue', 'textarea'),
    field('Body', 'textarea'),
    field('Encoding', 'picklist', { picklistValues: ['UTF-8'] }),
    field('RelatedEntityType', 'picklist', { picklistValues: ['Contact', 'Account', 'Opportunity'] }),
    ownerField(),
  ];
  const folder = [
    field('Name', 'string', { ...NAME, length: 80 }),
    field('DeveloperName', 'string', { length: 80 }),
    field('Type', 'picklist', { picklistValues: ['Email', 'EmailTemplate', 'Report', 'Dashboard'], nillable: false }),
    field('AccessType', 'picklist', { picklistValues: ['Public', 'Hidden', 'Shared'], nillable: false }),
  ];
  return [
    sObject('Task', '00T', task),
    sObject('EmailTemplate', '00X', template),
    sObject('Folder', '00l', folder, READ_ONLY),
  ];
}

/**
 * The objects of the OneShot package, as its metadata in `force-app` has them (DESIGN 5 and 6).
 * @param namespace of a managed package, which Salesforce puts in front of their names; '' for none
 */
export function packageObjects(namespace: string): ObjectSchema[] {
  const own = (name: string): string => (namespace === '' ? name : `${namespace}__${name}`);
  const options = { feature: 'package' } as const;
  const numbered = { ...NAME, length: 80, createable: false, updateable: false };
  const key = [
    field('Name', 'string', { ...numbered, label: 'Key Number', autoNumber: 'KEY-000000' }),
    ownerField(),
    field(own('UserId__c'), 'string', { length: 18, unique: true, externalId: true }),
    field(own('Half__c'), 'string', { length: 64 }),
    field(own('Version__c'), 'double', { scale: 0, precision: 9 }),
  ];
  const org = [
    field('Name', 'string', { ...numbered, label: 'Org Number', autoNumber: 'ORG-0000' }),
    ownerField(),
    field(own('HomeRegion__c'), 'string', { length: 10 }),
  ];
  const head = [
    field('Name', 'string', { ...numbered, label: 'Head Number', autoNumber: 'HEAD-000000' }),
    ownerField(),
    field(own('Trail__c'), 'string', { length: 40 }),
    field(own('Entries__c'), 'double', { scale: 0, precision: 15 }),
    field(own('Hash__c'), 'string', { length: 64 }),
    field(own('SignedAt__c'), 'string', { length: 24 }),
    field(own('Signature__c'), 'string', { length: 255 }),
    field(own('Request__c'), 'string', { length: 43, unique: true, externalId: true }),
  ];
  return [
    sObject(own('OneShotKey__c'), 'a00', key, { ...options, label: 'OneShot Key' }),
    sObject(own('OneShotOrg__c'), 'a01', org, { ...options, label: 'OneShot Org' }),
    sObject(own('OneShotAuditHead__c'), 'a02', head, { ...options, label: 'OneShot Audit Head' }),
  ];
}
