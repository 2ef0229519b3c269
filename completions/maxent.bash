# Completion of maxent for bash.

_maxent()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} options=
    COMPREPLY=()

    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W 'solve sample entropy questions fit predict score show help --help --version' -- "$cur"))
        return
    fi

    case $prev in
        --base) COMPREPLY=($(compgen -W 'e 2 10' -- "$cur")); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
        -o|--output|--plot) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --missing)
            if [[ $command == fit ]]; then
                COMPREPLY=($(compgen -W 'error drop impute' -- "$cur"))
            else
                COMPREPLY=($(compgen -W 'error drop category' -- "$cur"))
            fi
            return ;;
        --estimator) COMPREPLY=($(compgen -W 'all plug-in miller-madow jackknife grassberger shrinkage chao-shen chao-wang-jost jeffreys laplace perks minimax dirichlet nsb knn vasicek van-es ebrahimi correa ksg ksg2 gao ross frenzel-pompe mesner-shalizi' -- "$cur")); return ;;
        --format) COMPREPLY=($(compgen -W 'auto svmlight named csv' -- "$cur")); return ;;
        --method) COMPREPLY=($(compgen -W 'auto dual newton newton-cg proximal' -- "$cur")); return ;;
        --valid|--prior|--checkpoint|--resume|--save) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --categorical|--checkpoint-every|--class|--cv|--ignore|--l1|--l2|--offset|--path|--target|--top) return ;;
        -p|-c|-k|--uniform|--names|--cells|--alpha|--beta-max|--neighbours|--window|--weight|--delimiter|--discrete|--continuous|--level|--replicates|--permutations) return ;;
        -e|-n|--count|--seed|--states|--tolerance|--max-iterations|--time-limit|--threads) return ;;
    esac

    case $command in
        solve) options='--json --base --explain --covariance --output --plot --quantile --cdf --interval --hdi --states --tolerance --max-iterations --time-limit --threads --color --quiet --help' ;;
        sample) options='--count --seed --json --tolerance --time-limit --threads --quiet --help' ;;
        entropy) options='--base --estimator --cells --alpha --beta-max --neighbours --window --weight --missing --delimiter --discrete --continuous --probabilities --normalize --ci --level --replicates --permutations --seed --threads --json --quiet --help' ;;
        questions) options='--uniform --names --normalize --dot --json --quiet --help' ;;
        fit) options='--output --l2 --l1 --valid --format --target --weight --offset --ignore --categorical --missing --contrasts --standardize --delimiter --no-intercept --penalize-intercept --prior --path --cv --se --method --tolerance --max-iterations --time-limit --seed --threads --checkpoint --checkpoint-every --resume --json --quiet --help' ;;
        predict) options='--output --probabilities --log-probabilities --top --se --format --delimiter --threads --json --quiet --help' ;;
        score) options='--target --weight --format --delimiter --threads --json --quiet --help' ;;
        show) options='--top --class --tsv --save --output --json --help' ;;
        help) COMPREPLY=($(compgen -W 'solve sample entropy questions fit predict score show' -- "$cur")); return ;;
    esac

    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "-e $options" -- "$cur"))
    else
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
}

complete -F _maxent maxent
