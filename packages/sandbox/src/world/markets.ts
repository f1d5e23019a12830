import type { Currency } from './money.ts';

/** Where the company sells, and to whom. Prices, taxes and languages follow the market. */
export type Market = {
  country: string;
  currency: Currency;
  language: string;
  /** Standard rate in thousandths of a percent; 0 where nothing is collected. */
  milliPercent: number;
  taxName: string;
  state: string | null;
  city: string;
  postalCode: string;
  street: string;
  companies: readonly string[];
  people: readonly string[];
};

/** The seller sits in Belgium: companies of other EU countries account for the tax themselves. */
export const SELLER_COUNTRY = 'BE';
export const REVERSE_CHARGE_COUNTRIES: readonly string[] = ['DE', 'FR', 'PL'];

const market = (
  place: Pick<Market, 'country' | 'currency' | 'language' | 'city' | 'postalCode' | 'street'>,
  tax: Pick<Market, 'milliPercent' | 'taxName' | 'state'>,
  companies: readonly string[],
  people: readonly string[],
): Market => ({ ...place, ...tax, companies, people });

const vat = (milliPercent: number, taxName = 'VAT'): Pick<Market, 'milliPercent' | 'taxName' | 'state'> => ({
  milliPercent,
  taxName,
  state: null,
});

export const MARKETS: readonly Market[] = [
  market(
    {
      country: 'US',
      currency: 'USD',
      language: 'en',
      city: 'New York',
      postalCode: '10013',
      street: 'Canal Street',
    },
    { milliPercent: 8875, taxName: 'Sales tax', state: 'NY' },
    ['Hudson & Vale Logistics', 'Brightwater Clinics', 'Old Mill Roasters', 'Quartz Robotics'],
    ['Jordan Ames', 'Zoë Ramírez', "Siobhán O'Neil", 'Priya Raman'],
  ),
  market(
    {
      country: 'DE',
      currency: 'EUR',
      language: 'de',
      city: 'Köln',
      postalCode: '50667',
      street: 'Große Budengasse',
    },
    vat(19_000, 'MwSt.'),
    ['Müller & Söhne Maschinenbau', 'Grünfläche Immobilien', 'Bäckerei Weiß', 'Übersee Kontor'],
    ['Jürgen Groß', 'Käthe Schäfer', 'Anneliese Böhm'],
  ),
  market(
    {
      country: 'FR',
      currency: 'EUR',
      language: 'fr',
      city: 'Besançon',
      postalCode: '25000',
      street: 'Rue de la République',
    },
    vat(20_000, 'TVA'),
    ['Société Générale de Jouets', 'Crèmerie de l’Étoile', 'Ateliers Lefèvre', 'Œnologie & Cie'],
    ['Benoît Lefèvre', 'Maëlle Garçon', 'François Noël'],
  ),
  market(
    {
      country: 'BE',
      currency: 'EUR',
      language: 'nl',
      city: 'Gent',
      postalCode: '9000',
      street: 'Sint-Pietersnieuwstraat',
    },
    vat(21_000, 'BTW'),
    ['Brouwerij De Koets', 'Tërra Groep', 'Café Één', 'Vlaamse Fietsenmakers'],
    ['Wouter Maes', 'Loïc Dubois', 'Anaïs Vandenberghe'],
  ),
  market(
    {
      country: 'PL',
      currency: 'EUR',
      language: 'pl',
      city: 'Łódź',
      postalCode: '90-001',
      street: 'Piotrkowska',
    },
    vat(23_000, 'VAT'),
    ['Żubr Transport', 'Spółdzielnia Świt', 'Piekarnia Złoty Kłos'],
    ['Łukasz Wiśniewski', 'Małgorzata Żak'],
  ),
  market(
    {
      country: 'GB',
      currency: 'GBP',
      language: 'en',
      city: 'Leeds',
      postalCode: 'LS1 4AP',
      street: 'Park Row',
    },
    vat(20_000, 'VAT'),
    ['Harrow & Finch', 'Brontë Textiles', 'Northgate Dental', 'Café Æther'],
    ['Imogen Hart', 'Owain Llŷr', 'Chloë Braithwaite'],
  ),
  market(
    {
      country: 'JP',
      currency: 'JPY',
      language: 'ja',
      city: '京都市',
      postalCode: '604-8006',
      street: '河原町通',
    },
    vat(10_000, '消費税'),
    ['株式会社さくら物流', '有限会社山田製作所', '京都デザイン合同会社'],
    ['佐藤 花子', '鈴木 一郎', '高橋 美咲'],
  ),
  market(
    {
      country: 'KW',
      currency: 'KWD',
      language: 'ar',
      city: 'مدينة الكويت',
      postalCode: '13001',
      street: 'شارع فهد السالم',
    },
    vat(0, 'none'),
    ['شركة الخليج للتجارة', 'مؤسسة النور', 'Al Bahar Trading'],
    ['فاطمة العلي', 'Yousef Al-Sabah'],
  ),
];
