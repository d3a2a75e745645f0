/** Made-up accounts, the same at each run: as many letters and repeated values as real ones have. */

/** Numbers in [0, 1) from a seed (xorshift32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const HEADS =
  'Nord Stein Müller Granite Blue Harbor Silver Atlas Vertex Lumen Pioneer Summit Falcon River Oak Cedar Quantum Zephyr Ember Copper Orion Delta Maple Cobalt Willow Boreal Ångström Société Łódź Señor'.split(
    ' ',
  );
const TAILS =
  'Systems Logistics Foods Energy Optics Media Health Robotics Textiles Chemicals Marine Analytics Materials Motors Pharma Packaging Tools Networks Mining Dairy Paper Aerospace'.split(
    ' ',
  );
const FORMS = ['GmbH', 'AG', 'Inc.', 'Ltd', 'SA', 'BV', 'Oy', 'KK'];
const CITIES =
  'Berlin München Paris Lyon London Leeds Chicago Boston Austin Tokyo Osaka Zürich Genève Wien Oslo Malmö København Helsinki Madrid Sevilla Lisboa Porto Milano Torino Kraków Gdańsk Toronto Montréal Sydney Perth'.split(
    ' ',
  );
const COUNTRIES =
  'Germany,France,United Kingdom,United States,Japan,Switzerland,Austria,Norway,Sweden,Denmark,Finland,Spain,Portugal,Italy,Poland,Canada,Australia'.split(
    ',',
  );
const INDUSTRIES =
  'Energy,Banking,Healthcare,Technology,Transportation,Media,Retail,Chemicals,Construction,Education,Insurance,Telecommunications,Agriculture,Apparel,Biotechnology,Utilities'.split(
    ',',
  );
const FIRST = 'Ana Bo Chen Dara Elif Finn Greta Hugo Ines Jonas Kaja Liam Mira Nils Olga Pia'.split(' ');
const LAST = 'Ruiz Li Wang Okafor Yılmaz Berg Holm Silva Costa Weber Novak Byrne Rossi Dahl Petrov Sato'.split(' ');

/** One record as Salesforce sends it. */
export type SalesforceRecord = Record<string, unknown>;

/** @returns records with falling amounts, as the pull's query orders them */
export function makeRecords(count: number): SalesforceRecord[] {
  const random = randomFrom(20_261_124);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return Array.from({ length: count }, (_, index) => {
    const head = pick(HEADS);
    const tail = pick(TAILS);
    const owner = Math.floor(random() * 200);
    const id = `001${index.toString(36).padStart(12, '0')}AAA`;
    return {
      attributes: { type: 'Account', url: `/services/data/v66.0/sobjects/Account/${id}` },
      Id: id,
      Name: `${head} ${pick(HEADS)} ${tail} ${pick(FORMS)} ${Math.floor(random() * 900)}`,
      ActiveARR__c: Math.round((count - index) * 1_000 + random() * 999) / 100,
      Industry: random() < 0.05 ? null : pick(INDUSTRIES),
      BillingCountry: pick(COUNTRIES),
      BillingCity: pick(CITIES),
      Website: `https://www.${tail.toLowerCase()}${Math.floor(random() * 100_000)}.example`,
      OwnerId: `005${owner.toString(36).padStart(12, '0')}AAA`,
      Owner: {
        attributes: { type: 'User', url: `/services/data/v66.0/sobjects/User/005${owner}` },
        Name: `${FIRST[owner % 16]!} ${LAST[Math.floor(owner / 16)]!}`,
      },
      Products__c: ['Core', 'Core;Insight', 'Core;Insight;Mobile', 'Mobile', null][Math.floor(random() * 5)],
      LastModifiedDate: new Date(1_795_000_000_000 - Math.floor(random() * 3e10)).toISOString().replace('Z', '+0000'),
    };
  });
}

export const ACCOUNT_FIELDS = [
  'Id',
  'Name',
  'ActiveARR__c',
  'Industry',
  'BillingCountry',
  'BillingCity',
  'Website',
  'OwnerId',
  'Products__c',
  'LastModifiedDate',
];
