import { currencyField, field, lookup, ownerField, sObject, type ObjectSchema, type Row } from '../schema.ts';
import { ACCOUNT_TYPES, CURRENCIES, INDUSTRIES, PRODUCTS, STAGES } from './picklists.ts';

const NAME = { nameField: true, nillable: false } as const;
const DERIVED = { createable: false, updateable: false } as const;

function address(prefix: string): ReturnType<typeof field>[] {
  return [
    field(`${prefix}Street`, 'textarea', { length: 255 }),
    field(`${prefix}City`, 'string', { length: 40 }),
    field(`${prefix}State`, 'string', { length: 80 }),
    field(`${prefix}PostalCode`, 'string', { length: 20 }),
    field(`${prefix}Country`, 'string', { length: 80 }),
  ];
}

function seatPrice(row: Row): number | null {
  const { Annual_Contract__c: contract, NumberOfEmployees: employees } = row;
  if (typeof contract !== 'number' || typeof employees !== 'number' || employees === 0) return null;
  return Math.round((contract / employees) * 100) / 100;
}

/** Accounts, with fields of every kind that the product may meet: money, products, hidden kinds, a namespace. */
export function accountObject(): ObjectSchema {
  const fields = [
    field('Name', 'string', { ...NAME, label: 'Account Name' }),
    field('Type', 'picklist', { label: 'Account Type', picklistValues: ACCOUNT_TYPES }),
    lookup('ParentId', 'Account'),
    ownerField(),
    field('Industry', 'picklist', { picklistValues: INDUSTRIES }),
    field('Website', 'url'),
    field('Phone', 'phone'),
    field('AccountNumber', 'string', { length: 40 }),
    field('NumberOfEmployees', 'int', { label: 'Employees' }),
    field('AnnualRevenue', 'currency', { scale: 0 }),
    field('Description', 'textarea'),
    ...address('Billing'),
    ...address('Shipping'),
    field('LastActivityDate', 'date', DERIVED),
    currencyField(CURRENCIES),
    field('ActiveARR__c', 'currency', { label: 'Active ARR' }),
    field('Annual_Contract__c', 'double', { label: 'Annual Contract' }),
    field('Contract_Price_Per_Seat__c', 'double', { formula: seatPrice }),
    field('Discount__c', 'percent', { precision: 5 }),
    field('Products__c', 'multipicklist', { picklistValues: PRODUCTS }),
    field('Customer_Code__c', 'string', { length: 40, externalId: true }),
    field('Tax_Number__c', 'encryptedstring', { length: 40 }),
    field('Notes__c', 'textarea'),
    field('acme__Score__c', 'double', { label: 'Score', precision: 5 }),
    field('IsPersonAccount', 'boolean', { ...DERIVED, feature: 'personAccounts' }),
    field('FirstName', 'string', { length: 40, feature: 'personAccounts' }),
    field('LastName', 'string', { length: 80, feature: 'personAccounts' }),
    lookup('PersonContactId', 'Contact', { ...DERIVED, feature: 'personAccounts' }),
    field('PersonEmail', 'email', { feature: 'personAccounts' }),
    field('PersonTitle', 'string', { length: 128, feature: 'personAccounts' }),
    field('PersonHasOptedOutOfEmail', 'boolean', { feature: 'personAccounts' }),
  ];
  return sObject('Account', '001', fields, {
    children: [
      { childSObject: 'Account', field: 'ParentId', relationshipName: 'ChildAccounts' },
      { childSObject: 'Asset', field: 'AccountId', relationshipName: 'Assets' },
      { childSObject: 'Contact', field: 'AccountId', relationshipName: 'Contacts' },
      { childSObject: 'Opportunity', field: 'AccountId', relationshipName: 'Opportunities' },
      { childSObject: 'Task', field: 'WhatId', relationshipName: 'Tasks' },
    ],
  });
}

function fullName(row: Row): string {
  const { FirstName: first, LastName: last } = row;
  return [first, last].filter((part) => typeof part === 'string').join(' ');
}

/** Contacts and Individuals: who may be written to. */
export function peopleObjects(): ObjectSchema[] {
  const contact = [
    lookup('AccountId', 'Account'),
    field('FirstName', 'string', { length: 40 }),
    field('LastName', 'string', { length: 80, nillable: false }),
    field('Name', 'string', { ...NAME, length: 121, label: 'Full Name', calculated: false, formula: fullName }),
    field('Title', 'string', { length: 128 }),
    field('Department', 'string', { length: 80 }),
    field('Email', 'email'),
    field('Phone', 'phone', { label: 'Business Phone' }),
    field('MobilePhone', 'phone'),
    ...address('Mailing'),
    field('HasOptedOutOfEmail', 'boolean', { label: 'Email Opt Out' }),
    field('EmailBouncedDate', 'datetime', DERIVED),
    field('EmailBouncedReason', 'string', DERIVED),
    lookup('IndividualId', 'Individual'),
    field('LastActivityDate', 'date', DERIVED),
    field('Description', 'textarea'),
    ownerField(),
    currencyField(CURRENCIES),
    field('IsPersonAccount', 'boolean', { ...DERIVED, feature: 'personAccounts' }),
  ];
  const individual = [
    field('FirstName', 'string', { length: 40 }),
    field('LastName', 'string', { length: 80, nillable: false }),
    field('Name', 'string', { ...NAME, length: 121, formula: fullName }),
    field('HasOptedOutSolicit', 'boolean', { label: "Don't Market" }),
    field('HasOptedOutProcessing', 'boolean', { label: "Don't Process" }),
    field('HasOptedOutTracking', 'boolean', { label: "Don't Track" }),
    field('HasOptedOutProfiling', 'boolean', { label: "Don't Profile" }),
    field('SendIndividualData', 'boolean', { label: 'Export Individual Data' }),
    field('ShouldForget', 'boolean', { label: 'Forget this Individual' }),
    ownerField(),
  ];
  const taskOf = { childSObject: 'Task', field: 'WhoId', relationshipName: 'Tasks' };
  return [
    sObject('Contact', '003', contact, { children: [taskOf] }),
    sObject('Individual', '0PK', individual, {
      children: [{ childSObject: 'Contact', field: 'IndividualId', relationshipName: 'Contacts' }],
    }),
  ];
}

const isClosed = (row: Row): boolean => row.StageName === 'Closed Won' || row.StageName === 'Closed Lost';

/** Opportunities with their lines, and what was sold: products, prices, assets. */
export function revenueObjects(): ObjectSchema[] {
  const opportunity = [
    field('Name', 'string', { ...NAME, length: 120 }),
    lookup('AccountId', 'Account'),
    field('StageName', 'picklist', { label: 'Stage', picklistValues: STAGES, nillable: false }),
    field('IsClosed', 'boolean', { formula: isClosed, label: 'Closed', groupable: true }),
    field('IsWon', 'boolean', { formula: (row) => row.StageName === 'Closed Won', label: 'Won', groupable: true }),
    field('Amount', 'currency'),
    field('CloseDate', 'date', { nillable: false }),
    field('Probability', 'percent', { precision: 3, scale: 0 }),
    field('Type', 'picklist', { picklistValues: ['New Business', 'Existing Business'] }),
    field('Description', 'textarea'),
    ownerField(),
    currencyField(CURRENCIES),
    field('LastActivityDate', 'date', DERIVED),
  ];
  const line = [
    lookup('OpportunityId', 'Opportunity', { nillable: false, updateable: false }),
    lookup('Product2Id', 'Product2', { updateable: false }),
    lookup('PricebookEntryId', 'PricebookEntry', { updateable: false }),
    field('Name', 'string', { ...NAME, ...DERIVED, length: 376 }),
    field('Quantity', 'double', { nillable: false }),
    field('UnitPrice', 'currency', { label: 'Sales Price' }),
    field('TotalPrice', 'currency'),
    field('ServiceDate', 'date'),
    currencyField(CURRENCIES),
  ];
  const product = [
    field('Name', 'string', { ...NAME, label: 'Product Name' }),
    field('ProductCode', 'string'),
    field('Family', 'picklist', { picklistValues: ['Platform', 'Service', 'Data'] }),
    field('IsActive', 'boolean'),
    field('Description', 'textarea'),
    currencyField(CURRENCIES),
  ];
  const entry = [
    field('Name', 'string', { ...NAME, ...DERIVED }),
    lookup('Product2Id', 'Product2', { nillable: false, updateable: false }),
    field('UnitPrice', 'currency', { label: 'List Price', nillable: false }),
    field('IsActive', 'boolean'),
    currencyField(CURRENCIES),
  ];
  const asset = [
    field('Name', 'string', NAME),
    lookup('AccountId', 'Account'),
    lookup('ContactId', 'Contact'),
    lookup('Product2Id', 'Product2'),
    field('Status', 'picklist', { picklistValues: ['Shipped', 'Installed', 'Registered', 'Obsolete', 'Purchased'] }),
    field('Quantity', 'double'),
    field('Price', 'currency'),
    field('PurchaseDate', 'date'),
    field('UsageEndDate', 'date'),
    ownerField(),
    currencyField(CURRENCIES),
  ];
  return [
    sObject('Opportunity', '006', opportunity, {
      children: [
        { childSObject: 'OpportunityLineItem', field: 'OpportunityId', relationshipName: 'OpportunityLineItems' },
        { childSObject: 'Task', field: 'WhatId', relationshipName: 'Tasks' },
      ],
    }),
    sObject('OpportunityLineItem', '00k', line, { label: 'Opportunity Product' }),
    sObject('Product2', '01t', product, { label: 'Product' }),
    sObject('PricebookEntry', '01u', entry, { label: 'Price Book Entry', labelPlural: 'Price Book Entries' }),
    sObject('Asset', '02i', asset),
  ];
}
