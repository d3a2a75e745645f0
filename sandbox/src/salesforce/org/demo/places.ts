import type { CURRENCIES } from '../objects/picklists.ts';

/** A country as accounts hold it in their billing address. */
export interface Place {
  readonly country: string;
  readonly currency: (typeof CURRENCIES)[number];
  readonly phone: string;
  /** How a company of that country ends its name. */
  readonly form: string;
  readonly cities: readonly string[];
}

export const PLACES: readonly Place[] = [
  {
    country: 'United States',
    currency: 'USD',
    phone: '+1 555',
    form: 'Inc.',
    cities: ['Austin', 'Boise', 'Boston', 'Chicago', 'Denver', 'Portland', 'Raleigh', 'San Francisco', "Coeur d'Alene"],
  },
  {
    country: 'Germany',
    currency: 'EUR',
    phone: '+49 30',
    form: 'GmbH',
    cities: ['Berlin', 'Düsseldorf', 'Hamburg', 'Köln', 'München', 'Nürnberg', 'Stuttgart'],
  },
  {
    country: 'United Kingdom',
    currency: 'GBP',
    phone: '+44 20',
    form: 'Ltd',
    cities: ['Bristol', 'Edinburgh', "King's Lynn", 'Leeds', 'London', 'Manchester'],
  },
  {
    country: 'France',
    currency: 'EUR',
    phone: '+33 1',
    form: 'SAS',
    cities: ['Besançon', 'Lyon', 'Nîmes', 'Paris', 'Saint-Étienne', 'Toulouse'],
  },
  { country: 'Japan', currency: 'JPY', phone: '+81 3', form: 'K.K.', cities: ['Kyoto', 'Osaka', 'Sapporo', '東京'] },
  {
    country: 'Switzerland',
    currency: 'CHF',
    phone: '+41 44',
    form: 'AG',
    cities: ['Basel', 'Genève', 'Lausanne', 'Zürich'],
  },
  {
    country: 'Sweden',
    currency: 'SEK',
    phone: '+46 8',
    form: 'AB',
    cities: ['Göteborg', 'Malmö', 'Stockholm', 'Örebro'],
  },
  {
    country: 'Brazil',
    currency: 'BRL',
    phone: '+55 11',
    form: 'Ltda.',
    cities: ['Brasília', 'Belém', 'Curitiba', 'São Paulo'],
  },
  { country: 'Israel', currency: 'ILS', phone: '+972 3', form: 'Ltd', cities: ['Haifa', 'ירושלים', 'תל אביב'] },
  { country: 'China', currency: 'USD', phone: '+86 10', form: 'Co.', cities: ['上海', '北京', '深圳', '杭州'] },
  { country: 'United Arab Emirates', currency: 'USD', phone: '+971 4', form: 'LLC', cities: ['أبو ظبي', 'دبي'] },
  { country: 'Ukraine', currency: 'EUR', phone: '+380 44', form: 'LLC', cities: ['Київ', 'Львів', 'Одеса'] },
];

const BY_COUNTRY = new Map(PLACES.map((place) => [place.country, place]));

/** The place of that name, or the United States for a country that is not in the list. */
export function placeOf(country: string): Place {
  const place = BY_COUNTRY.get(country) ?? PLACES[0];
  if (place === undefined) throw new RangeError('No places');
  return place;
}
