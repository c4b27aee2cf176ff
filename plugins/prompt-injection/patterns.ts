/** The groups of patterns, as errors and stages name them. */
export const groups = [
  'instruction_override',
  'developer_mode',
  'system_override',
  'prompt_extraction',
  'role_manipulation',
  'dan',
  'safety_bypass',
  'role_spoofing',
  'control_tokens',
] as const
export type Group = (typeof groups)[number]

export interface Pattern {
  readonly group: Group
  /** What a text must have one of, in small letters and single blanks, to be looked at at all. */
  readonly needs: readonly string[]
  readonly regex: RegExp
}

const spaced = (source: string): string => source.replaceAll(' ', '\\s{1,8}')

/** In the sources below a blank stands for any white space, and no repetition is without end: time is linear. */
const pattern = (
  group: Group,
  needs: string | readonly string[],
  source: string,
  flags: 'gi' | 'g' = 'gi',
): Pattern => ({
  group,
  needs: typeof needs === 'string' ? needs.split('|') : needs,
  regex: new RegExp(spaced(source), flags),
})

const earlier =
  '(?:previous|prior|above|preceding|earlier|former|foregoing|existing|original|initial|past|system)'
const told =
  '(?:instructions?|prompts?|rules?|directions?|directives?|guidelines?|commands?|messages?|context|orders?|constraints?|conversation|training)'
const forgetting = '(?:ignore|ignoring|disregard|disregarding|forget|forgetting|dismiss|neglect)'
const showing =
  '(?:reveal|show|print|display|output|repeat|tell|give|share|leak|expose|dump|recite|disclose|write|list|return|copy|paste)'
const limits =
  '(?:rules|restrictions?|limits|limitations?|filters?|guidelines?|ethics|morals|boundaries|constraints?|guardrails?|censorship)'

export const patterns: readonly Pattern[] = [
  // what was said before shall not count
  pattern(
    'instruction_override',
    'ignor|disregard|forget|dismiss|neglect',
    `\\b${forgetting} (?:(?:all|any|every|each|of|the|these|those|my|your|this|everything in) ){0,4}${earlier} (?:(?:system|developer|safety|user|set of) )?${told}\\b`,
  ),
  pattern(
    'instruction_override',
    'ignor|disregard|forget|dismiss',
    `\\b${forgetting} (?:(?:all|any|every|each|of) ){0,3}(?:the |your |my |these )?(?:instructions|guidelines|directives|rules|orders)(?: that)?(?: you(?: were| have been|['’]ve been)| i| they|,? (?:given )?(?:above|before|previously))`,
  ),
  pattern(
    'instruction_override',
    'ignor|disregard|forget',
    `\\b${forgetting} (?:everything|anything|all|whatever)(?: that)? (?:you(?: were| have been| have|['’]ve been| are)? (?:told|taught|instructed|given|learned|know)|i (?:said|told you)|(?:said |written |stated )?(?:above|before|previously|prior)\\b)`,
  ),
  pattern(
    'instruction_override',
    'follow|obey|listen|adher',
    `\\b(?:do not|don['’]t|stop|no longer) (?:follow(?:ing)?|obey(?:ing)?|listen(?:ing)? to|adher(?:e|ing) to) (?:(?:any|all|the|your|of|those|these) ){0,3}${earlier} ${told}\\b`,
  ),
  pattern(
    'instruction_override',
    'instruction|task|objective',
    `\\byour (?:new|updated|revised|real|actual|true|only) (?:instructions?|task|objective|goal|mission)(?: (?:are|is)\\b|:)`,
  ),
  pattern(
    'instruction_override',
    'ignor|vergiss|missacht|olvid|oubli',
    '\\b(?:ignorier\\w{0,3}|vergiss|missachte) (?:(?:alle|deine|die|bitte|meine|sämtliche) ){0,3}(?:vorherigen|bisherigen|obigen|vorigen|früheren|vorangegangenen) (?:anweisungen|instruktionen|regeln|befehle|vorgaben)|\\b(?:ignor[ae]|olvid[ae]|ignorez|oubliez?) (?:(?:todas?|las?|tus|toutes?|les|tes|vos) ){0,3}(?:instrucciones|instructions|órdenes|reglas|consignes|règles) (?:anteriores|previas|précédentes|antérieures)',
  ),

  // a mode in which other rules hold
  pattern(
    'developer_mode',
    'developer mode|debug mode|god mode|admin mode|root mode|sudo mode|maintenance mode|unrestricted mode|jailbreak mode|unfiltered mode|test mode|opposite mode',
    '\\byou (?:are|have)(?: now)? (?:in|entering|entered|operating in|running in|switched to) (?:(?:the|a) )?(?:developer|debug|god|admin|root|sudo|maintenance|unrestricted|jailbreak|unfiltered|test|opposite) mode\\b',
  ),
  pattern(
    'developer_mode',
    'god mode|unrestricted mode|jailbreak mode|unfiltered mode|uncensored mode|filter mode|evil mode|chaos mode|opposite mode',
    '\\b(?:enter|enable|activate|switch (?:in)?to|engage|turn on|go into) (?:(?:the|your|a) )?(?:god|unrestricted|jailbreak|unfiltered|uncensored|no[- ]filter|evil|chaos|opposite) mode\\b',
  ),
  pattern(
    'developer_mode',
    'developer mode|debug mode|admin mode',
    '\\b(?:act|respond|answer|reply|behave|simulate|pretend|chatgpt|assistant)\\b.{0,60}\\b(?:developer|debug|admin) mode\\b',
  ),

  // an authority that nobody has
  pattern(
    'system_override',
    'override',
    '\\b(?:system|safety|security|admin|root|emergency) override(?: (?:code|protocol|command|activated|initiated|engaged|accepted|enabled)|:| -)',
  ),
  pattern(
    'system_override',
    'overrid|overwrit',
    '\\b(?:override|overriding|overwrite) (?:(?:all|any|the|your|current|these|its|of) ){0,3}(?:system|safety|security|original|previous|prior|built-in|core|default) (?:prompts?|instructions?|rules|guidelines?|protocols?|restrictions?|directives?|programming)\\b',
  ),
  pattern(
    'system_override',
    'granted|confirmed|authori|accepted|verified',
    '\\b(?:admin(?:istrator)?|developer|root|sudo|system|operator) (?:access|privileges?|command|authority|override)(?: has been| is)? (?:granted|confirmed|authori[sz]ed|accepted|verified)\\b',
  ),
  pattern(
    'system_override',
    "i am your|i am the|i’m your|i'm your|i’m the|i'm the",
    "\\bi(?: am|['’]m) (?:your|the) (?:developer|creator|administrator|admin|system administrator|programmer|owner)\\b.{0,80}\\b(?:ignore|override|reveal|disable|bypass|obey|order you|authori[sz]e|unlock|show me|full access)",
  ),

  // what was said in confidence
  pattern(
    'prompt_extraction',
    'prompt|instruction|guideline|message|directive',
    `\\b${showing} (?:(?:me|us|back|out|verbatim|exactly|down|what|is|are) ){0,3}(?:(?:all|of|the|full|entire|complete|contents?|text) ){0,4}your (?:(?:full|entire|complete|exact|hidden|secret|original|initial|internal|system|developer|underlying|confidential|own|current|base) ){0,4}(?:prompts?|instructions|guidelines|system message|directives)\\b`,
  ),
  pattern(
    'prompt_extraction',
    'hidden|secret|system prompt|confidential',
    `\\b(?:reveal|print|output|repeat|leak|expose|dump|recite|disclose|show me|tell me|give me|paste) (?:(?:all|of|the|full|entire|complete|exact|contents?|text|whole|what|is|in) ){0,5}(?:hidden|secret|confidential|system) (?:system )?(?:prompts?|instructions)\\b`,
  ),
  pattern(
    'prompt_extraction',
    'what is|what are|what was|what were',
    '\\bwhat (?:is|are|was|were) (?:your (?:(?:exact|full|complete|original|initial|hidden|secret|system|first|internal|very) ){1,4}|the (?:exact|hidden|secret|very first|full text of your) (?:system |initial )?)(?:prompts?|instructions?|messages?|guidelines|rules)\\b',
  ),
  pattern(
    'prompt_extraction',
    'repeat|print|output|recite|echo',
    '\\b(?:repeat|print|output|recite|echo) (?:(?:all|everything|the|of|every|text|words?|contents?|sentences?|verbatim) ){1,5}(?:above|before this (?:line|message|point)|preceding this|prior to this|in your (?:context|prompt|system))\\b',
  ),
  pattern(
    'prompt_extraction',
    'starting with|beginning with|begins with',
    '\\b(?:starting with|beginning with|that begins with) (?:the (?:words?|phrase) )?["\'“‘]?you are (?:chatgpt|claude|gemini|gpt|a large|an? ai|a helpful|an assistant)',
  ),

  // another character
  pattern(
    'role_manipulation',
    'from now on|henceforth|for the rest of',
    '\\b(?:from now on|henceforth|for the rest of (?:this|the|our) (?:conversation|chat)),?(?: i want)? (?:you (?:are|will|must|shall|have to|to)|act|respond|answer|pretend|behave)\\b.{0,100}?\\b(?:no (?:rules|restrictions|limits|filters?|longer)|without (?:any )?(?:rules|restrictions|limits|filters?|warnings?|question)|unrestricted|unfiltered|uncensored|ignore|evil|not (?:bound|restricted|an? ai))',
  ),
  pattern(
    'role_manipulation',
    'pretend|imagine|act as|roleplay|role-play|role play|behave as',
    `\\b(?:pretend|imagine|act as|roleplay|role-play|role play|behave as)(?: that| as| if| though)? (?:you(?:['’]re| are| were| have| had| can)?|to be|an?)\\b.{0,60}?\\b(?:no (?:ethical |moral |content |safety )?${limits}|without (?:any )?(?:ethical |moral |content |safety )?${limits}|unrestricted|unfiltered|uncensored|evil|jailbroken|amoral|not (?:an? ai|bound by))\\b`,
  ),
  pattern(
    'role_manipulation',
    'no longer|not bound',
    "\\byou(?: are|['’]re) (?:no longer (?:bound|restricted|limited by|constrained|governed|an? (?:ai|assistant|language model)|chatgpt|claude|gemini)|not bound by (?:any|the|your|these|openai|anthropic|google))",
  ),
  pattern(
    'role_manipulation',
    "you are now|you're now|you’re now|you will now|become",
    "\\byou(?: are|['’]re| will) now (?:(?:be|become|act as) )?(?:(?:an?|the) )?(?:evil|unrestricted|unfiltered|uncensored|jailbroken|amoral|rogue|malicious|free (?:of|from)|hacker|root user|ai without|assistant without)\\b",
  ),

  // "do anything now", and its kin
  pattern('dan', 'do anything now', '\\bdo anything now\\b'),
  pattern(
    'dan',
    'dan',
    '\\b(?:[Yy]ou are|[Aa]ct(?:ing)? as|[Bb]ecome|[Nn]amed|[Cc]alled|[Pp]lay|[Ee]nable|[Ss]tay|[Rr]emain|[Aa]nswer as|[Rr]espond as|[Aa]s)(?: now| a| an| the)? ["\'“]?DAN\\b',
    'g',
  ),
  pattern(
    'dan',
    'betterdan|evilbot|antigpt|chaosgpt|mongo tom|strive to avoid norms|machiavellian|dan mode',
    '\\b(?:betterdan|evilbot|antigpt|chaosgpt|mongo tom|strive to avoid norms|always intelligent and machiavellian|dan mode)\\b',
  ),

  // what keeps a model from harm
  pattern(
    'safety_bypass',
    'bypass|circumvent|disabl|turn off|deactivat|remov|evad|get around|switch off|lift',
    '\\b(?:bypass(?:ing)?|circumvent(?:ing)?|disabl(?:e|ing)|turn(?:ing)? off|deactivat(?:e|ing)|remov(?:e|ing)|evad(?:e|ing)|get around|switch off|lift) (?:(?:all|any|of|every|the) ){0,2}your (?:(?:own|built-in|internal|content|safety|security|ethical|moral|moderation|default) ){0,3}(?:filters?|guidelines?|measures?|protocols?|restrictions?|policy|policies|checks?|mechanisms?|guardrails?|limits?|limitations?|controls?|constraints?|training|safety|programming|censorship)\\b',
  ),
  pattern(
    'safety_bypass',
    'bypass|circumvent|disabl|turn off|deactivat|remov|evad|get around|switch off|ignor',
    "\\b(?:bypass(?:ing)?|circumvent(?:ing)?|disabl(?:e|ing)|turn off|deactivate|remove|evade|get around|switch off|ignore) (?:(?:all|any|of|every|the|its|these) ){0,3}(?:safety|ethical|moral|moderation|censorship|alignment|openai['’]?s?|anthropic['’]?s?) (?:(?:and|or) (?:safety|ethical|moral|legal) )?(?:content )?(?:filters?|guidelines?|restrictions?|polic(?:y|ies)|guardrails?|training|protocols?|rules)\\b",
  ),
  pattern(
    'safety_bypass',
    'without|free of|free from|with no',
    `\\b(?:respond|answer|reply|act|comply|speak|operate|behave|talk|generate)\\b.{0,40}?\\b(?:without|free of|free from|with no) (?:any )?(?:ethical|moral|safety|content|legal)(?: (?:and|or) (?:moral|legal|ethical|safety))? (?:${limits}|considerations?|concerns?|polic(?:y|ies))\\b`,
  ),
  pattern(
    'safety_bypass',
    'you have no|you don|you do not|there are no',
    `\\b(?:you have no|you don['’]t have any|you do not have any|there are no (?:ethical|moral|safety)) (?:(?:ethical|moral|content|safety) )?${limits}\\b`,
  ),
  pattern(
    'safety_bypass',
    'refuse|decline|apologi|disclaimer',
    "\\b(?:never|don['’]t|do not|must not|cannot|can['’]t) (?:ever )?(?:refuse|decline|apologi[sz]e|add (?:a |any )?disclaimers?)\\b.{0,40}?\\b(?:any|every|my|the user['’]?s?) (?:request|instruction|question|order|command|prompt|task)s?\\b",
  ),

  // words put into somebody's mouth
  pattern(
    'role_spoofing',
    '#system|#admin|#developer|# system|# admin|# developer|#new system|#new admin|#new developer|# new system|# new admin|# new developer',
    '(?:^|\\n)[\\t\\x20]{0,8}#{1,4}[\\t\\x20]{0,4}(?:new )?(?:system|admin|developer)(?: (?:prompt|message|instructions?|override))?[\\t\\x20]{0,2}:?[\\t\\x20]{0,4}\\n?[\\t\\x20]{0,4}(?:you (?:must|are now|will now)|ignore|from now on|forget|disregard|new (?:instructions?|rules?))',
  ),
  pattern(
    'role_spoofing',
    '<system|<sys>|<admin>|<developer>|</system|</sys>|</admin>|</developer>',
    '<\\/?(?:system|system[_-]?prompt|sys|admin|developer|system[_-]?message)>.{0,40}?\\b(?:you (?:must|are now|will)|ignore|disregard|override|forget|reveal|new (?:instructions?|rules?))',
  ),
  pattern(
    'role_spoofing',
    '[system|[admin|[developer|[assistant|[override|[/system|[/admin|[/developer|[/assistant|[/override',
    '\\[\\/?(?:system|admin|developer|assistant|override|system (?:message|prompt|override|note))\\][:\\-]?.{0,40}?\\b(?:you (?:must|are now|will)|ignore|disregard|override|forget|reveal|new (?:instructions?|rules?))',
  ),
  pattern(
    'role_spoofing',
    'system:|system :|system*|system_|developer:|developer :|developer*|developer_|admin:|admin :|admin*|admin_',
    '(?:^|\\n)[\\t\\x20>*_"\']{0,8}(?:system|developer|admin)[*_]{0,2}[\\t\\x20]{0,2}:[*_]{0,2}[\\t\\x20]{0,4}(?:you (?:must|are now|will now)|ignore|disregard|forget|override|new (?:instructions?|rules?|task)|the (?:user|above) (?:is|has|instructions))',
  ),
  pattern(
    'role_spoofing',
    'begin of|begin the|begin system|begin user|begin admin|begin new|end of|end the|end system|end user|end admin|end new|start of|start the|start system|start user|start admin|start new',
    '[-=#*<\\[]{2,8}[\\t\\x20]{0,4}(?:begin|end|start)(?: of)?(?: the)? (?:system|user|admin|new) (?:prompt|instructions?|message|input|query)\\b',
  ),

  // what templates put between messages
  pattern(
    'control_tokens',
    ['<|'],
    '<\\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id|begin_of_text|end_of_text|endofprompt|channel|message|start|return|end)\\|>',
  ),
  pattern('control_tokens', '[inst]|[/inst]|<<sys>>|<</sys>>', '\\[\\/?inst\\]|<<\\/?sys>>'),
  pattern(
    'control_tokens',
    '<start_of_turn|<end_of_turn|<｜',
    '<(?:start|end)_of_turn>|<｜(?:user|assistant|begin▁of▁sentence|end▁of▁sentence)｜>',
  ),
]
