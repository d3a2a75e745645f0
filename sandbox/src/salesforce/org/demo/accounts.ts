import { recordId } from '../ids.ts';
import { hash, Random } from '../random.ts';
import { INDUSTRIES, PRODUCTS } from '../objects/picklists.ts';
import { datetimeText, type Row } from '../schema.ts';
import { DEMO_PEOPLE, personId } from './people.ts';
import { PLACES, placeOf, type Place } from './places.ts';
import { FOUNDERS, OTHER_SCRIPTS, STEMS, TRADES } from './words.ts';

/** A company that stands in a list of its own (a CSV file) instead of being invented. */
export interface GivenCompany {
  readonly name: string;
  readonly industry: string;
  readonly city: string | null;
  readonly state: string | null;
  readonly country: string | null;
  readonly number: string;
}

const SEED = 0x0051;
const DAY = 86_400_000;
const COMBINATIONS = STEMS.length * TRADES.length;
/** Coprime to the number of combinations, so that neighbours differ and none comes twice. */
const STRIDE = 2_477;

/** The owner of an account: the two reps own more than the others; outsider owns nothing. */
function ownerOf(random: Random): string {
  const person = random.chance(0.25) ? 0 : random.chance(0.25) ? 1 : random.int(4, DEMO_PEOPLE.length - 1);
  return personId(person);
}

/** What other records need to know of the nth account. */
export interface AccountFacts {
  readonly id: string;
  readonly ownerId: string;
  readonly place: Place;
  readonly random: Random;
}

/** The nth account's owner and place; the random source goes on from there. @param index 0 and up */
export function accountFacts(index: number): AccountFacts {
  const random = new Random(hash(String(index), SEED));
  const ownerId = ownerOf(random);
  const place = random.chance(0.4) ? placeOf('United States') : random.pick(PLACES);
  return { id: recordId('001', index + 1), ownerId, place, random };
}

interface Naming {
  readonly name: string;
  readonly place: Place;
}

function inventName(index: number, { place, random }: AccountFacts): Naming {
  const kind = index % 24;
  if (kind === 5) {
    const founder = FOUNDERS[index % FOUNDERS.length] ?? '';
    return { name: `${founder} & ${random.pick(FOUNDERS)} ${random.pick(TRADES)} ${place.form}`, place };
  }
  if (kind === 11) return { name: `${random.pick(STEMS)}'s ${random.pick(TRADES)}`, place };
  if (kind === 17) {
    const script = random.pick(OTHER_SCRIPTS);
    return { name: script.join(random.pick(script.stems), random.pick(script.trades)), place: placeOf(script.country) };
  }
  const combination = (index * STRIDE) % COMBINATIONS;
  const stem = STEMS[combination % STEMS.length] ?? '';
  const trade = TRADES[Math.floor(combination / STEMS.length)] ?? '';
  const round = Math.floor(index / COMBINATIONS);
  return { name: `${stem} ${trade}${round === 0 ? '' : ` ${round + 1}`} ${place.form}`, place };
}

/** Yearly money, mostly small, sometimes large, in whole cents. */
function money(random: Random, scale: number): number {
  return Math.round(scale * 100 * Math.exp(random.next() * 6)) / 100;
}

function productsOf(random: Random): string {
  const first = random.int(0, PRODUCTS.length - 1);
  const count = random.int(1, 3);
  const chosen = Array.from({ length: count }, (_unused, i) => PRODUCTS[(first + i * 5) % PRODUCTS.length] ?? '');
  return chosen.sort().join(';');
}

/**
 * The nth account of the demo org.
 * @param index 0 and up
 * @param today epoch milliseconds at the start of the day on which the org was made
 * @param given takes name and place from a list; most of these pay
 */
export function accountRow(index: number, today: number, given?: GivenCompany): Row {
  const facts = accountFacts(index);
  const { id, ownerId, random } = facts;
  const invented = inventName(index, facts);
  const place = given === undefined ? invented.place : placeOf(given.country ?? '');
  const name = given?.name ?? invented.name;
  const slug = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '')
    .toLowerCase();
  const pays = random.chance(given === undefined ? 0.625 : 0.85);
  const contract = random.chance(0.7) ? money(random, 1_500) : null;
  const created = datetimeText(today - random.int(400, 2_500) * DAY + random.int(0, DAY - 1));
  const modified = datetimeText(today - random.int(1, 399) * DAY + random.int(0, DAY - 1));
  const arr = pays ? money(random, place.currency === 'JPY' ? 120_000 : 1_200) : random.chance(0.2) ? 0 : null;
  return {
    Id: id,
    Name: name,
    OwnerId: ownerId,
    Type: pays ? 'Customer - Direct' : random.chance(0.8) ? 'Prospect' : 'Partner',
    ParentId: index > 10 && random.chance(0.05) ? recordId('001', random.int(1, index)) : null,
    Industry: given?.industry ?? (random.chance(0.93) ? random.pick(INDUSTRIES) : null),
    Website: random.chance(0.92) ? `https://www.${slug === '' ? `company-${index}` : slug}.example` : null,
    Phone: `${place.phone} ${random.int(100, 999)} ${random.int(1000, 9999)}`,
    AccountNumber: given?.number ?? null,
    NumberOfEmployees: random.chance(0.9) ? Math.round(5 * Math.exp(random.next() * 7)) : null,
    AnnualRevenue: random.chance(0.8) ? Math.round(money(random, 200_000)) : null,
    BillingCity: given === undefined ? random.pick(place.cities) : given.city,
    BillingState: given?.state ?? null,
    BillingCountry: given === undefined ? (random.chance(0.97) ? place.country : null) : given.country,
    CurrencyIsoCode: place.currency,
    ActiveARR__c: arr,
    Annual_Contract__c: contract,
    Discount__c: random.chance(0.3) ? random.int(1, 40) : null,
    Products__c: pays ? productsOf(random) : null,
    Customer_Code__c: pays ? `C-${String(index + 1).padStart(6, '0')}` : null,
    acme__Score__c: random.int(0, 1000) / 10,
    LastActivityDate: random.chance(0.7) ? datetimeText(today - random.int(0, 300) * DAY).slice(0, 10) : null,
    CreatedDate: created,
    CreatedById: ownerId,
    LastModifiedDate: modified,
    LastModifiedById: ownerId,
    SystemModstamp: modified,
  };
}
