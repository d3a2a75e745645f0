/** Who may know whom (docs/architecture.md). `npm run lint` holds it; type-only imports count, but in a circle. */
const rooms = [
  'accounts',
  'activity',
  'audit',
  'auth',
  'connections',
  'contacts',
  'email',
  'keys',
  'operators',
  'outreach',
  'privacy',
  'settings',
  'setup',
  'usage',
  'users',
];
const anyRoom = `^backend/src/(${rooms.join('|')})/`;

/** @param {string} name @param {string} from @param {string} to @param {string} comment */
const never = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});

module.exports = {
  forbidden: [
    never(
      'backend-stands-alone',
      '^backend/src/',
      '^(sandbox|preview|embedded-mongodb)/',
      'The backend never imports a stand-in.',
    ),
    never(
      'sandbox-stands-alone',
      '^sandbox/src/',
      '^(backend|preview|embedded-mongodb)/',
      'The sandbox knows no other part.',
    ),
    never(
      'database-stands-alone',
      '^embedded-mongodb/src/',
      '^(backend|preview|sandbox)/',
      'The development database knows nothing of us.',
    ),
    ...['http', 'database', 'salesforce', 'vault'].map((folder) =>
      never(`${folder}-knows-no-room`, `^backend/src/${folder}/`, anyRoom, `${folder}/ knows no feature.`),
    ),
    {
      name: 'rooms-keep-to-themselves',
      comment: "A room does not import another room's model or routes.",
      severity: 'error',
      from: { path: anyRoom },
      to: { path: `${anyRoom}(model|routes)\\.ts$`, pathNot: '^backend/src/$1/' },
    },
    {
      name: 'no-circle',
      comment: 'What needs each other is one thing, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};
