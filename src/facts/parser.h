/* Limits of the parser. */
#ifndef MX_PARSER_H
#define MX_PARSER_H

#define MX_NESTING_LIMIT 200 /* brackets, minus signs, powers and `not` inside each other */

#endif
