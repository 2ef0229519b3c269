# glmnet as a peer of fit.py: fits at thresholds from loose to tight, one line a fit: threshold, CPU seconds, passes over the data.
#
#     Rscript glmnet.R FOLDER FAMILY ALPHA LAMBDA LIMIT
#
# FOLDER has what fit.py wrote there: shape (events, features, entries, classes), row, column (from 1), value, label (from 1). Weights of fit
# number i go to FOLDER/weights.i as doubles, features by columns. LAMBDA is the last of a path from the least that makes all weights 0 with
# ALPHA = 1, as its authors recommend (warm starts); the seconds are those of the whole path. No intercept, nothing standardised.
suppressMessages({library(Matrix); library(glmnet)})
words <- commandArgs(trailingOnly = TRUE)
folder <- words[1]; family <- words[2]; alpha <- as.numeric(words[3]); lambda <- as.numeric(words[4]); limit <- as.numeric(words[5])
numbers <- function(name, what, n, size) readBin(file.path(folder, name), what, n = n, size = size)
shape <- numbers("shape", "integer", 4, 4)
x <- sparseMatrix(i = numbers("row", "integer", shape[3], 4), j = numbers("column", "integer", shape[3], 4),
                  x = numbers("value", "double", shape[3], 8), dims = shape[1:2])
label <- numbers("label", "integer", shape[1], 4)
y <- if (family == "binomial") as.integer(label == 2) else factor(label)
steps <- as.integer(words[6])
first <- lambda * 1000
if (steps > 1 && alpha == 1) { # the gradient at 0: the largest of |x'(y - mean)| / n
    most <- 0
    for (k in seq_len(shape[4])) most <- max(most, abs(as.vector(crossprod(x, (label == k) - 1 / shape[4]))))
    first <- most / shape[1]
}
path <- if (steps > 1) exp(seq(log(max(first, lambda)), log(lambda), length.out = steps)) else lambda
spent <- 0
for (i in 1:7) {
    threshold <- 10^(-2 * i)
    before <- proc.time()
    fit <- suppressWarnings(glmnet(x, y, family = family, alpha = alpha, lambda = path, thresh = threshold, maxit = 1e6,
                                   standardize = FALSE, intercept = FALSE))
    used <- sum((proc.time() - before)[1:2])
    last <- length(fit$lambda)
    W <- if (family == "binomial") fit$beta[, last, drop = FALSE] else do.call(cbind, lapply(fit$beta, function(b) b[, last, drop = FALSE]))
    out <- file(file.path(folder, paste0("weights.", i)), "wb")
    writeBin(as.vector(as.matrix(W)), out)
    close(out)
    cat(threshold, used, fit$npasses, if (last == length(path)) "whole" else "short", "\n")
    flush(stdout())
    spent <- spent + used
    if (spent + used > limit) break
}
