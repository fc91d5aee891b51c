#include "CLoad.h"
